import type { Contender } from './limiter.js';

/** The name of Sluice in every table. */
export const SLUICE = 'Sluice';

/** Cases that would take a contender minutes are left out. */
export const BOTTLENECK = 'bottleneck';

/** Sluice without the guard against a ban for invalid requests, for more requests in flight than the guard allows. */
export const UNGUARDED: Contender = {
  who: `${SLUICE}, invalid requests only counted`,
  load: async () => (await import('./sluice.js')).makeUnguardedLimiter,
};

/** Sluice, and its contenders. */
export const CONTENDERS: readonly Contender[] = [
  { who: SLUICE, load: async () => (await import('./sluice.js')).makeLimiter },
  { who: '@sapphire/async-queue', load: async () => (await import('./async-queue.js')).makeLimiter },
  { who: 'eris SequentialBucket', load: async () => (await import('./eris.js')).makeLimiter },
  { who: 'oceanic.js SequentialBucket', load: async () => (await import('./oceanic.js')).makeLimiter },
  { who: 'p-queue', load: async () => (await import('./p-queue.js')).makeLimiter },
  { who: BOTTLENECK, load: async () => (await import('./bottleneck.js')).makeLimiter },
  { who: '@discordjs/rest', load: async () => (await import('./discordjs.js')).makeLimiter },
];
