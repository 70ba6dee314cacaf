import { RedisCoordinator } from '@sluice/redis';
import { type CompiledRoute, type RateLimitHeaders, RESTBucketManager } from 'sluice';
import { BUCKET_HASH, LIMIT } from '../../answers.js';
import { snowflakes } from '../../identifiers.js';
import { AUTHORIZATION, messageRoutes } from '../../peers/sluice.js';
import type { MakeSharedLimiter, SharedLimiterOptions } from '../limiter.js';

/**
 * Responses that count only the requests of their own process, because the processes share no memory. Together they
 * show more remaining than they should, which no limiter mistakes for another user of the window.
 */
class Windows {
  readonly #reset: number;
  readonly #used: Uint32Array;

  constructor({ buckets, reset }: SharedLimiterOptions) {
    this.#reset = reset;
    this.#used = new Uint32Array(buckets);
  }

  answer(bucket: number): RateLimitHeaders {
    const used = (this.#used[bucket] ?? 0) + 1;
    this.#used[bucket] = used;
    const remaining = LIMIT - used;
    return { bucket: BUCKET_HASH, limit: LIMIT, remaining, resetAfter: this.#reset - Date.now(), reset: this.#reset };
  }
}

/**
 * Acquire and complete: route, bucket, window, order and guard as always. Each response is learned and reported to the
 * other processes. The headers of the responses are already parsed.
 */
export const makeLimiter: MakeSharedLimiter = async (options) => {
  const { url, prefix } = options;
  const manager = new RESTBucketManager({
    coordinator: new RedisCoordinator({ url, prefix }),
    concurrency: 'parallel',
    globalLimit: Number.POSITIVE_INFINITY,
  });
  const routes = messageRoutes(snowflakes(options.buckets));
  const windows = new Windows(options);
  return {
    async send(bucket, onGo) {
      const permit = await manager.acquire(routes[bucket] as CompiledRoute, AUTHORIZATION);
      onGo();
      permit.complete(windows.answer(bucket));
    },
  };
};
