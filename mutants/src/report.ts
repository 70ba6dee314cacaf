import { posix } from 'node:path';
import type { Equivalent } from './equivalent.js';
import type { Mutant } from './mutant.js';
import type { Verdict } from './trial.js';

/** A mutant and what became of it. */
export interface Result {
  readonly mutant: Mutant;
  readonly verdict: Verdict | { readonly kind: 'equivalent'; readonly why: string };
}

/** How many of a folder's mutants ended in which way. */
export interface Row {
  readonly folder: string;
  readonly refused: number;
  readonly equivalent: number;
  readonly noticed: number;
  readonly unnoticed: number;
}

/** One row for each folder, in the order of their names. */
export function rowsOf(results: readonly Result[]): Row[] {
  const folders = [...new Set(results.map(folderOf))].sort();
  return folders.map((folder) => {
    const kinds = results.filter((result) => folderOf(result) === folder).map(({ verdict }) => verdict.kind);
    const count = (kind: Result['verdict']['kind']) => kinds.filter((one) => one === kind).length;
    return {
      folder,
      refused: count('refused'),
      equivalent: count('equivalent'),
      noticed: count('noticed'),
      unnoticed: count('unnoticed'),
    };
  });
}

/** Everything for people. */
export function textOf(results: readonly Result[], stale: readonly Equivalent[]): string {
  const unnoticed = results.filter(({ verdict }) => verdict.kind === 'unnoticed').map(({ mutant }) => diffOf(mutant));
  const parts = [tableOf(rowsOf(results)), ...unnoticed];
  if (stale.length > 0) parts.push(staleText(stale));
  return `${parts.join('\n\n')}\n`;
}

/** One mutant as a diff. */
export function diffOf({ id, file, line, function: name, operator, was, now }: Mutant): string {
  const lines = [...was.split('\n').map((text) => `- ${text}`), ...now.split('\n').map((text) => `+ ${text}`)];
  return [`${file}:${line} ${name} (${operator}, ${id})`, ...lines].join('\n');
}

function folderOf({ mutant }: Result): string {
  return posix.dirname(mutant.file);
}

function tableOf(rows: readonly Row[]): string {
  const head =
    '| folder | refused by the compiler | equivalent | noticed | unnoticed | unnoticed, % |\n| --- | ---: | ---: | ---: | ---: | ---: |';
  const lines = rows.map(({ folder, refused, equivalent, noticed, unnoticed }) => {
    const tried = noticed + unnoticed;
    const share = tried === 0 ? '' : String(Math.round((unnoticed / tried) * 100));
    return `| ${folder} | ${refused} | ${equivalent} | ${noticed} | ${unnoticed} | ${share} |`;
  });
  return [head, ...lines].join('\n');
}

function staleText(stale: readonly Equivalent[]): string {
  const lines = stale.map(({ file, function: name, was, now }) => `  ${file} ${name}: ${was} → ${now}`);
  return ['Entries of mutants/equivalent.json that fit no mutant any more:', ...lines].join('\n');
}
