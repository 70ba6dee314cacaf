import { Redis } from 'ioredis';
import type { MakeSharedLimiter } from '../limiter.js';
import { GCRA, INTERVAL, TOLERANCE, verifyGo } from './gcra-scripts.js';

/** One script call for each decision; ioredis writes the calls of one tick to the socket together. */
export const makeLimiter: MakeSharedLimiter = async ({ url, prefix }) => {
  const redis = new Redis(url);
  const script = (await redis.script('LOAD', GCRA)) as string;
  return {
    async send(bucket, onGo) {
      verifyGo(await redis.evalsha(script, 1, `${prefix}${bucket}`, INTERVAL, TOLERANCE));
      onGo();
    },
  };
};
