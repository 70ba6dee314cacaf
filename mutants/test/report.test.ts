import { describe, expect, it } from 'vitest';
import { parseCommandLine, UsageError } from '../src/command-line.js';
import { mutantsOf } from '../src/mutant.js';
import { type Result, rowsOf, textOf } from '../src/report.js';
import { typescript } from '../src/typescript.js';

const MUTANTS = mutantsOf('packages/x/src/a.ts', 'function f() {\n  return a < 3;\n}', typescript);

function result(index: number, verdict: Result['verdict']): Result {
  const mutant = MUTANTS[index];
  if (mutant === undefined) throw new Error('There are fewer mutants');
  return { mutant, verdict };
}

const RESULTS = [
  result(0, { kind: 'noticed', by: 'a test' }),
  result(1, { kind: 'unnoticed' }),
  result(2, { kind: 'equivalent', why: 'a reason' }),
  result(3, { kind: 'refused' }),
  result(4, { kind: 'noticed', by: 'a timeout' }),
];

describe('a report', () => {
  it('counts each folder', () => {
    expect(rowsOf(RESULTS)).toEqual([
      { folder: 'packages/x/src', refused: 1, equivalent: 1, noticed: 2, unnoticed: 1 },
    ]);
  });

  it('has the share of those that a test could have noticed, and each that none did', () => {
    const text = textOf(RESULTS, []);
    expect(text).toContain('| packages/x/src | 1 | 1 | 2 | 1 | 33 |');
    expect(text).toContain('packages/x/src/a.ts:2 f (');
    expect(text).toContain('\n- return a < 3;\n+ return ');
  });

  it('tells of entries that fit nothing any more', () => {
    const stale = { file: 'b.ts', function: 'g', was: 'a', now: 'b', why: '' };
    expect(textOf([], [stale])).toContain('  b.ts g: a → b');
  });
});

describe('a command line', () => {
  it('has a small sample of every folder unless it says otherwise', () => {
    expect(parseCommandLine([])).toMatchObject({ kind: 'try', seed: 1, sample: 3, folders: [], isJSON: false });
    const given = parseCommandLine([
      '--seed',
      '7',
      '--sample',
      'all',
      '--folder',
      'rules',
      '--folder',
      'lua',
      '--json',
    ]);
    expect(given).toMatchObject({ seed: 7, sample: Number.POSITIVE_INFINITY, folders: ['rules', 'lua'], isJSON: true });
  });

  it.each([
    [['--seed', 'x'], '--seed takes a whole number, not "x".'],
    [['--colour'], "Unknown option '--colour'."],
  ])('that cannot be understood: %s', (args, message) => {
    expect(() => parseCommandLine(args)).toThrow(new UsageError(message));
  });
});
