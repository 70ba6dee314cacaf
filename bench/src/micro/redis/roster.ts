import type { MakeSharedLimiter, SharedContender } from './limiter.js';

/** The contender that the others are compared with. */
export const CEILING = 'shared-call GCRA';

/** All use the same client (ioredis 6) and one connection in each process. */
export const SHARED_CONTENDERS: readonly SharedContender[] = [
  {
    who: 'bare GCRA',
    does:
      'one script call per decision, which reads and writes one number per bucket. It learns nothing from ' +
      'responses.',
    load: async () => (await import('./limiters/gcra.js')).makeLimiter,
  },
  {
    who: CEILING,
    does: 'the same decisions, with one script call for all callers of a turn of the event loop: the ceiling.',
    load: async () => (await import('./limiters/shared-gcra.js')).makeLimiter,
  },
  {
    who: 'shared-call GCRA, merged',
    does: 'the same, with one decision for all callers of a bucket, which admits all of them or none.',
    load: async () => (await import('./limiters/shared-gcra.js')).makeMergingLimiter,
  },
  {
    who: 'Sluice',
    does:
      'acquire and complete with RedisCoordinator: window, order and guard, and all processes learn from every ' +
      'response.',
    load: async () => (await import('./limiters/sluice.js')).makeLimiter,
  },
  {
    who: 'rate-limiter-flexible',
    does:
      'consume: one script call per decision, which adds to a counter with an end. It learns nothing, and refuses ' +
      'instead of waiting.',
    load: async () => (await import('./limiters/rate-limiter-flexible.js')).makeLimiter,
  },
  {
    who: 'bottleneck',
    does:
      'schedule in a clustered Group with a reservoir: one call each to submit, register and free, and a heartbeat ' +
      'per limiter. It learns nothing.',
    // The heartbeats of 80,000 limiters are too many: some limiters count as dead, and their jobs fail
    // (UNKNOWN_CLIENT).
    isSpared: ({ processes, buckets }) => processes * buckets > 20_000,
    load: async () => (await import('./limiters/bottleneck.js')).makeLimiter,
  },
];

/** @throws Error for an unknown name. */
export function loadSharedContender(who: string): Promise<MakeSharedLimiter> {
  const contender = SHARED_CONTENDERS.find((each) => each.who === who);
  if (contender === undefined) throw new Error(`There is no contender ${who}`);
  return contender.load();
}
