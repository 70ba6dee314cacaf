import { createHash } from 'node:crypto';
import { type Change, childrenOf, type Language, type SyntaxNode } from './syntax.js';

/** One small error: a file in which one place was changed. */
export interface Mutant {
  /** The same as long as its file, its function and its lines are. */
  readonly id: string;
  /** From the root of the workspace, with slashes. */
  readonly file: string;
  /** The names of classes and functions around it, joined by dots; empty outside of all. */
  readonly function: string;
  readonly operator: string;
  /** Where the change begins; the first line is 1. */
  readonly line: number;
  /** The lines that are changed, as they were and as they are, without the space around each. */
  readonly was: string;
  readonly now: string;
  readonly change: Change;
}

/** A place where errors can be made. */
interface Place {
  readonly change: Change;
  readonly function: string;
}

/** All mutants of a source, in the order of their places. */
export function mutantsOf(file: string, source: string, language: Language): Mutant[] {
  const counts = new Map<string, number>();
  const places = [...placesIn(language.parse(source, file), source, language)];
  return places
    .filter(({ change }) => source.slice(change.start, change.end) !== change.text)
    .sort((a, b) => a.change.start - b.change.start)
    .map((place) => {
      const mutant = described(file, source, place);
      const key = [file, mutant.function, mutant.was, mutant.now].join('\n');
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      return { ...mutant, id: digest(`${key}\n${count}`) };
    });
}

/** The source with the error in it. */
export function mutated(source: string, { start, end, text }: Change): string {
  return source.slice(0, start) + text + source.slice(end);
}

function* placesIn(
  node: SyntaxNode,
  source: string,
  language: Language,
  names: readonly string[] = [],
  parent?: SyntaxNode,
): Generator<Place> {
  const name = language.nameOf(node, parent, source);
  const around = name === undefined ? names : [...names, name];
  for (const change of language.changesOf(node, source)) yield { change, function: around.join('.') };
  for (const below of childrenOf(node, language)) yield* placesIn(below, source, language, around, node);
}

function described(file: string, source: string, { change, function: name }: Place): Omit<Mutant, 'id'> {
  const from = source.lastIndexOf('\n', change.start - 1) + 1;
  const next = source.indexOf('\n', change.end);
  const to = next < 0 ? source.length : next;
  const was = source.slice(from, to);
  const now = mutated(was, { ...change, start: change.start - from, end: change.end - from });
  const line = source.slice(0, change.start).split('\n').length;
  return { file, function: name, operator: change.operator, line, was: trimmed(was), now: trimmed(now), change };
}

function trimmed(lines: string): string {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}
