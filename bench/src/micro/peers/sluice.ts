import { type CompiledRoute, RESTBucketManager, Route } from 'sluice';
import { CountingServer, LIMIT } from '../answers.js';
import { type Limiter, type MakeLimiter, verifyCount } from './limiter.js';
import { TOKEN } from './token.js';

/** A bot gives it with every request. */
export const AUTHORIZATION = { authorization: `Bot ${TOKEN}` };

/** A manager with all defaults, but without a global limit. */
export function unlimitedManager(): RESTBucketManager {
  return new RESTBucketManager({ globalLimit: Number.POSITIVE_INFINITY });
}

/** Writing a message: such requests leave one after another. */
export function messageRoutes(channels: readonly string[]): CompiledRoute[] {
  return channels.map((channel) => Route.match('POST', `/channels/${channel}/messages`));
}

class SluiceLimiter implements Limiter {
  readonly #manager: RESTBucketManager;
  readonly #routes: readonly CompiledRoute[];
  readonly #server: CountingServer;

  constructor(channels: readonly string[], manager: RESTBucketManager) {
    this.#manager = manager;
    this.#routes = messageRoutes(channels);
    this.#server = new CountingServer(channels.length);
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      const bucket = buckets[index % buckets.length] as number;
      const permit = await this.#manager.acquire(this.#routes[bucket] as CompiledRoute, AUTHORIZATION);
      permit.complete(this.#server.answer(bucket));
    }
  }

  async send(bucket: number): Promise<void> {
    const permit = await this.#manager.acquire(this.#routes[bucket] as CompiledRoute, AUTHORIZATION);
    await undefined;
    permit.complete(this.#server.answer(bucket));
  }

  /** Every bucket has learned its window, has no permit in flight, and has the same count as its server. */
  verify(requests: number): void {
    let counted = 0;
    for (const route of this.#routes) {
      const bucket = this.#manager.getBucket(route, AUTHORIZATION);
      if (bucket.inFlight > 0 || !bucket.isEmpty) throw new Error('Sluice has permits or requests left');
      counted += bucket.isUnknown ? 0 : LIMIT - bucket.remaining;
    }
    verifyCount('Sluice', counted, requests);
  }
}

/** Sluice's manager, with responses whose headers are already parsed. */
export const makeLimiter: MakeLimiter = async (channels) => new SluiceLimiter(channels, unlimitedManager());

/**
 * The same without the guard, which limits the requests in flight to the number that could be invalid without a ban:
 * 9,500.
 */
export const makeUnguardedLimiter: MakeLimiter = async (channels) => {
  const limit = Number.POSITIVE_INFINITY;
  return new SluiceLimiter(channels, new RESTBucketManager({ globalLimit: limit, invalidRequests: { limit } }));
};
