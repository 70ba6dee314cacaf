import type { Group, Table, Unit } from './group.js';
import { median } from './statistics.js';

/** One line of the results. */
export interface Row {
  readonly group: string;
  readonly table: string;
  readonly who: string;
  readonly unit: Unit;
  /** The measurement of each process, per operation; empty when `who` cannot do it. */
  readonly samples: readonly number[];
  readonly median: number | undefined;
  /** The median over that of the table's reference. */
  readonly ratio: number | undefined;
}

/** Measurements by group, table and contender. */
export class Samples {
  readonly #samples = new Map<string, number[]>();

  add(group: string, table: string, who: string, value: number): void {
    const key = JSON.stringify([group, table, who]);
    const found = this.#samples.get(key);
    if (found) found.push(value);
    else this.#samples.set(key, [value]);
  }

  of(group: string, table: string, who: string): readonly number[] {
    return this.#samples.get(JSON.stringify([group, table, who])) ?? [];
  }
}

/** The lines of a table. */
export function rowsOf(group: Group, table: Table, samples: Samples): Row[] {
  const { title, unit, reference } = table;
  const base = medianOf(samples.of(group.name, reference.table ?? title, reference.who));
  return table.cases.map(({ who }) => {
    const own = samples.of(group.name, title, who);
    const middle = medianOf(own);
    const ratio = middle === undefined || base === undefined ? undefined : middle / base;
    return { group: group.name, table: title, who, unit, samples: own, median: middle, ratio };
  });
}

function medianOf(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : median(numbers);
}
