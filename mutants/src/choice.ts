import { posix } from 'node:path';
import type { Command } from './command-line.js';
import type { Mutant } from './mutant.js';

/** The mutants that a command names, by folder, file or id; all where it names none. */
export function chosen(
  mutants: readonly Mutant[],
  { folders, files, ids }: Pick<Command, 'folders' | 'files' | 'ids'>,
) {
  return mutants.filter(
    ({ file, id }) =>
      (ids.length === 0 || ids.includes(id)) &&
      (files.length === 0 || files.some((end) => endsWithPath(file, end))) &&
      (folders.length === 0 || folders.some((end) => endsWithPath(posix.dirname(file), end))),
  );
}

function endsWithPath(path: string, end: string): boolean {
  const trimmed = end.replace(/\/$/, '');
  return path === trimmed || path.endsWith(`/${trimmed}`);
}
