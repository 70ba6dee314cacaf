import { describe, expect, it } from 'vitest';
import type { Group, Table } from '../../src/micro/group.js';
import { rowsOf, Samples } from '../../src/micro/row.js';

const measure = async () => 1;

const first: Table = {
  title: 'first',
  unit: 'ns',
  reference: { who: 'Sluice' },
  cases: [
    { who: 'Sluice', measure },
    { who: 'other', measure },
    { who: 'unable', measure: undefined },
  ],
};
const second: Table = {
  title: 'second',
  unit: 'ns',
  reference: { table: 'first', who: 'Sluice' },
  cases: [{ who: 'floor', measure }],
};
const group: Group = { name: 'group', about: '', tables: [first, second] };

function samplesOf(...values: [table: string, who: string, value: number][]): Samples {
  const samples = new Samples();
  for (const [table, who, value] of values) samples.add('group', table, who, value);
  return samples;
}

describe('rowsOf', () => {
  it('relates the medians of a table to its reference', () => {
    const samples = samplesOf(
      ['first', 'Sluice', 100],
      ['first', 'Sluice', 300],
      ['first', 'Sluice', 200],
      ['first', 'other', 50],
    );
    const [sluice, other] = rowsOf(group, first, samples);
    expect(sluice).toMatchObject({ who: 'Sluice', unit: 'ns', samples: [100, 300, 200], median: 200, ratio: 1 });
    expect(other).toMatchObject({ median: 50, ratio: 0.25 });
  });

  it('leaves a cell empty where a contender cannot do it', () => {
    const [, , unable] = rowsOf(group, first, samplesOf(['first', 'Sluice', 100]));
    expect(unable).toMatchObject({ who: 'unable', samples: [], median: undefined, ratio: undefined });
  });

  it('finds a reference in another table', () => {
    const [floor] = rowsOf(group, second, samplesOf(['first', 'Sluice', 200], ['second', 'floor', 20]));
    expect(floor?.ratio).toBe(0.1);
  });

  it('has no ratio without a measured reference', () => {
    const [floor] = rowsOf(group, second, samplesOf(['second', 'floor', 20]));
    expect(floor).toMatchObject({ median: 20, ratio: undefined });
  });
});
