import { median } from '../statistics.js';
import type { Load } from './load.js';
import type { Measurement } from './measuring.js';
import { CEILING } from './roster.js';

/** One contender under one load. */
export interface SharedRow {
  readonly load: Load;
  readonly who: string;
  /** Of each repeat. */
  readonly samples: readonly Measurement[];
  /** The median of each number, taken separately. */
  readonly median: Measurement;
  /** Decisions per second over those of the ceiling under the same load; `null` without the ceiling. */
  readonly ratio: number | null;
}

/** The repeated measurements of one contender under one load. */
export type SharedSamples = Omit<SharedRow, 'median' | 'ratio'>;

/** Relates all rows to the ceiling. */
export function sharedRows(all: readonly SharedSamples[]): SharedRow[] {
  const rows = all.map((each) => ({ ...each, median: medianOf(each.samples) }));
  return rows.map((row) => {
    const ceiling = rows.find(({ load, who }) => load.title === row.load.title && who === CEILING);
    return { ...row, ratio: ceiling ? row.median.throughput / ceiling.median.throughput : null };
  });
}

function medianOf(samples: readonly Measurement[]): Measurement {
  const middle = (of: (sample: Measurement) => number): number => median(samples.map(of));
  return {
    throughput: middle(({ throughput }) => throughput),
    p50: middle(({ p50 }) => p50),
    p99: middle(({ p99 }) => p99),
    scripts: middle(({ scripts }) => scripts),
    commands: middle(({ commands }) => commands),
    serverTime: middle(({ serverTime }) => serverTime),
  };
}
