import { describe, expect, it } from 'vitest';
import { chosen } from '../src/choice.js';
import { equivalentOf, readEquivalents, staleEntries } from '../src/equivalent.js';
import { type Mutant, mutantsOf, mutated } from '../src/mutant.js';
import { byFolder, shuffled } from '../src/sampling.js';
import { typescript } from '../src/typescript.js';

const SOURCE = 'function f(a: number) {\n  return a < 3;\n}\n\nfunction g(a: number) {\n  return a < 3;\n}\n';

function made(source = SOURCE, file = 'packages/x/src/rules/sample.ts'): Mutant[] {
  return mutantsOf(file, source, typescript);
}

describe('mutants', () => {
  it('are the same each time', () => {
    expect(made()).toEqual(made());
  });

  it('have ids of their own, even for the same line in two functions, or twice in one', () => {
    const ids = made(`${SOURCE}function h(a: number) {\n  b(1);\n  b(1);\n}`).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('keep their ids when lines are added above', () => {
    expect(made(`// One more line.\n\n${SOURCE}`).map(({ id }) => id)).toEqual(made().map(({ id }) => id));
  });

  it('change one place of their source', () => {
    const [first] = made().filter(({ operator }) => operator === 'comparison');
    expect(first && mutated(SOURCE, first.change)).toBe(SOURCE.replace('a < 3', 'a <= 3'));
  });
});

describe('a sample', () => {
  it('is the same for the same seed, and another for another', () => {
    const ids = (seed: number) => shuffled(made(), seed).map(({ id }) => id);
    expect(ids(1)).toEqual(ids(1));
    expect(ids(1)).not.toEqual(ids(2));
    expect(ids(1).toSorted()).toEqual(
      made()
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  it('keeps its order when other mutants come and go', () => {
    const some = made().filter((_, index) => index % 3 !== 0);
    const order = shuffled(made(), 5).filter((mutant) => some.some(({ id }) => id === mutant.id));
    expect(shuffled(some, 5)).toEqual(order.map((mutant) => some.find(({ id }) => id === mutant.id)));
  });

  it('is taken folder by folder', () => {
    const mutants = [...made(SOURCE, 'b/y.ts'), ...made(SOURCE, 'a/x.ts'), ...made(SOURCE, 'b/z.ts')];
    expect([...byFolder(mutants)].map(([folder, { length }]) => [folder, length])).toEqual([
      ['a', made().length],
      ['b', made().length * 2],
    ]);
  });
});

describe('a choice', () => {
  const mutants = [...made(), ...made(SOURCE, 'packages/x/src/sub-rules/sample.ts')];

  it('is of the folders whose paths end so, by whole names', () => {
    const files = chosen(mutants, { folders: ['rules'], files: [], ids: [] }).map(({ file }) => file);
    expect(new Set(files)).toEqual(new Set(['packages/x/src/rules/sample.ts']));
  });

  it('is of the mutants that are named', () => {
    const id = mutants[3]?.id ?? '';
    expect(chosen(mutants, { folders: [], files: [], ids: [id] })).toEqual([mutants[3]]);
  });
});

describe('the list of those that change nothing', () => {
  const [mutant] = made();
  if (mutant === undefined) throw new Error('There is no mutant');
  const { file, function: name, was, now } = mutant;
  const entry = { file, function: name, was, now, why: 'a reason' };

  it('knows a mutant wherever its lines stand now', () => {
    const [moved] = made(`\n\n${SOURCE}`);
    expect(moved && equivalentOf(moved, [entry])).toBe(entry);
  });

  it('does not take the same line of another function for it', () => {
    const others = made().filter((other) => other.function !== name);
    expect(others.filter((other) => equivalentOf(other, [entry]))).toEqual([]);
  });

  it('tells of entries that fit nothing any more', () => {
    const stale = { ...entry, was: 'return a < 4;' };
    expect(staleEntries([entry, stale], made())).toEqual([stale]);
  });

  it('has a reason for each', () => {
    const { why: _, ...without } = entry;
    expect(readEquivalents(JSON.stringify([entry]))).toEqual([entry]);
    expect(() => readEquivalents(JSON.stringify([entry, without]))).toThrow(
      'equivalent.json, entry 2: why must be a text',
    );
    expect(() => readEquivalents('{}')).toThrow('must be a list');
  });
});
