import type { MakeSharedLimiter, SharedContender } from './limiter.js';

/** What the others are put in relation to. */
export const CEILING = 'shared-call GCRA';

/** The same client (ioredis 6) and one connection in each process, for all of them. */
export const SHARED_CONTENDERS: readonly SharedContender[] = [
  {
    who: 'bare GCRA',
    does: 'one script call per decision: reads and writes one number per bucket. It learns nothing from answers.',
    load: async () => (await import('./limiters/gcra.js')).makeLimiter,
  },
  {
    who: CEILING,
    does: 'the same decisions, those of all callers of a turn of the event loop in one script call: the ceiling.',
    load: async () => (await import('./limiters/shared-gcra.js')).makeLimiter,
  },
  {
    who: 'shared-call GCRA, merged',
    does: 'the same, where all callers of one bucket are one decision, that lets all of them go or none.',
    load: async () => (await import('./limiters/shared-gcra.js')).makeMergingLimiter,
  },
  {
    who: 'Sluice',
    does: 'acquire and complete with RedisCoordinator: window, order and guard, and every answer is learned by all.',
    load: async () => (await import('./limiters/sluice.js')).makeLimiter,
  },
  {
    who: 'rate-limiter-flexible',
    does: 'consume: one script call per decision, which adds to a counter with an end. It learns nothing, and refuses rather than waits.',
    load: async () => (await import('./limiters/rate-limiter-flexible.js')).makeLimiter,
  },
  {
    who: 'bottleneck',
    does: 'schedule in a clustered Group with a reservoir: a call each to submit, register and free, and a heartbeat per limiter. It learns nothing.',
    // The heartbeats of 80,000 limiters are too many: some are taken for dead, and their jobs fail (UNKNOWN_CLIENT).
    isSpared: ({ processes, buckets }) => processes * buckets > 20_000,
    load: async () => (await import('./limiters/bottleneck.js')).makeLimiter,
  },
];

/** @throws Error when there is none of that name. */
export function loadSharedContender(who: string): Promise<MakeSharedLimiter> {
  const contender = SHARED_CONTENDERS.find((each) => each.who === who);
  if (contender === undefined) throw new Error(`There is no contender ${who}`);
  return contender.load();
}
