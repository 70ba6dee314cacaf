import type { Duration, LocalInstant } from '../rules/units.js';
import type { GCPass } from './gc-pass.js';

/** The state of a bucket in the eyes of the garbage collector. */
export type GCState = keyof GCPass;

/** Judges a bucket by whether it is in use, and by the instant after which its past does not matter any more. */
export function gcState(isInUse: boolean, idleAt: LocalInstant, expireAfter: Duration, now: LocalInstant): GCState {
  if (isInUse || idleAt >= now) return 'active';
  return idleAt + expireAfter < now ? 'dead' : 'survival';
}
