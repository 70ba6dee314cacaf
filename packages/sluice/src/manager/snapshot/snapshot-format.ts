import { ABANDONED_GRACE } from '../../buckets/rest-bucket.js';
import { MAX_WAIT } from '../../rules/headers.js';
import type { Duration } from '../../rules/units.js';

/** Marks a snapshot as one of ours. */
export const SNAPSHOT_FORMAT = 'sluice-snapshot';

/** Changes whenever an older reader would misunderstand what is written. */
export const SNAPSHOT_VERSION = 2;

/** The most entries of a list: the writer leaves further buckets out, the reader refuses longer lists. */
export const MOST_ENTRIES = 1_000_000;

/** The range of a number in a snapshot. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: true;
}

const FAR: Duration = 1e13;

/** The ranges of the numbers in a snapshot: all values to which real responses can have led. */
export const RANGES = {
  takenAt: { least: 0, most: 8.64e15 },
  /** Ends of holds, for which callers may ask. */
  end: { least: -FAR, most: FAR },
  /** Resets, as responses give them. */
  reset: { least: -FAR, most: 2 * MAX_WAIT },
  /** Events of the past. */
  past: { least: -FAR, most: 0 },
  /** Arrivals of the past, and of requests in flight. */
  arrival: { least: -FAR, most: ABANDONED_GRACE + 1 },
  server: { least: 0, most: 8.64e15 },
  duration: { least: 0, most: 2 * MAX_WAIT },
  unit: { least: Number.MIN_VALUE, most: 2 * MAX_WAIT },
  lost: { least: 1, most: 1e6, isWhole: true },
  limit: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  count: { least: 0, most: Number.MAX_SAFE_INTEGER, isWhole: true },
} as const satisfies Record<string, Range>;

/** Whether a number can be that of a field. */
export function isWithin(value: number, { least, most, isWhole }: Range): boolean {
  return value >= least && value <= most && (!isWhole || Number.isInteger(value));
}
