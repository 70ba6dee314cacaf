import type { Mutant } from './mutant.js';

/** A mutant that changes nothing, and why. The key has no line numbers, so it survives changes elsewhere in its file. */
export interface Equivalent {
  readonly file: string;
  readonly function: string;
  readonly was: string;
  readonly now: string;
  readonly why: string;
}

const FIELDS = ['file', 'function', 'was', 'now', 'why'] as const;

/** @throws TypeError when an entry lacks something. */
export function readEquivalents(json: string): Equivalent[] {
  const entries: unknown = JSON.parse(json);
  if (!Array.isArray(entries)) throw new TypeError('equivalent.json must be a list');
  return entries.map((entry: Record<string, unknown>, index) => {
    const missing = FIELDS.find((field) => typeof entry[field] !== 'string');
    if (missing !== undefined) throw new TypeError(`equivalent.json, entry ${index + 1}: ${missing} must be a text`);
    return entry as unknown as Equivalent;
  });
}

/** The entry that says of a mutant that it changes nothing. */
export function equivalentOf(mutant: Mutant, entries: readonly Equivalent[]): Equivalent | undefined {
  return entries.find((entry) => keyOf(entry) === keyOf(mutant));
}

/** Entries for which there is no mutant any more. */
export function staleEntries(entries: readonly Equivalent[], mutants: readonly Mutant[]): Equivalent[] {
  const keys = new Set(mutants.map(keyOf));
  return entries.filter((entry) => !keys.has(keyOf(entry)));
}

function keyOf({ file, function: name, was, now }: Omit<Equivalent, 'why'>): string {
  return JSON.stringify([file, name, was, now]);
}
