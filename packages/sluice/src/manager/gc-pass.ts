import type { Duration, LocalInstant } from '../rules/units.js';

/** What a pass of the garbage collector found. */
export interface GCPass {
  /** Buckets in use, or whose limit has not reset yet. */
  readonly active: number;
  /** Buckets out of use that are still fresh enough to be kept. */
  readonly survival: number;
  /** Buckets that were collected. */
  readonly dead: number;
}

/** The state of a bucket in the eyes of the garbage collector. */
export type GCState = keyof GCPass;

/** Judges a bucket by whether it is in use, and the instant after which its past does not matter any more. */
export function gcState(inUse: boolean, idleAt: LocalInstant, expireAfter: Duration, now: LocalInstant): GCState {
  if (inUse || idleAt >= now) return 'active';
  return idleAt + expireAfter < now ? 'dead' : 'survival';
}
