import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Mutant } from './mutant.js';

/**
 * Mutants in an order that only the seed and each one's own id decide: another mutant before or behind it changes
 * nothing, so samples of one seed stay alike while the code changes.
 */
export function shuffled(mutants: readonly Mutant[], seed: number): Mutant[] {
  const ranks = new Map(mutants.map((mutant) => [mutant, rankOf(mutant, seed)]));
  return [...mutants].sort((a, b) => ((ranks.get(a) ?? '') < (ranks.get(b) ?? '') ? -1 : 1));
}

/** Mutants by the folder of their file, folders in the order of their names. */
export function byFolder(mutants: readonly Mutant[]): ReadonlyMap<string, readonly Mutant[]> {
  const folders = new Map<string, Mutant[]>();
  const names = new Set(mutants.map(({ file }) => posix.dirname(file)));
  for (const name of [...names].sort()) folders.set(name, []);
  for (const mutant of mutants) folders.get(posix.dirname(mutant.file))?.push(mutant);
  return folders;
}

function rankOf({ id }: Mutant, seed: number): string {
  return createHash('sha256').update(`${seed} ${id}`).digest('hex');
}
