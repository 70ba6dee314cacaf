import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { MakeSharedLimiter } from '../limiter.js';

/** Points that are never used up, in seconds that do not pass. */
const POINTS = 1_000_000_000;
const DURATION = 3_600;

/** `consume`: one script call for each decision, which adds to a counter with an end. */
export const makeLimiter: MakeSharedLimiter = async ({ url, prefix }) => {
  const limiter = new RateLimiterRedis({
    storeClient: new Redis(url),
    keyPrefix: prefix,
    points: POINTS,
    duration: DURATION,
  });
  return {
    async send(bucket, onGo) {
      await limiter.consume(String(bucket));
      onGo();
    },
  };
};
