import { Redis } from 'ioredis';
import type { MakeSharedLimiter, SharedLimiter, SharedLimiterOptions } from '../limiter.js';
import { INTERVAL, SHARED_GCRA, TOLERANCE, verifyGo } from './gcra-scripts.js';

/** A caller that waits for the next call. */
interface Waiting {
  readonly key: string;
  resolve(): void;
  reject(error: unknown): void;
}

/** The buckets that a call names, and the number of requests for each. */
type Demand = readonly (readonly [key: string, requests: number])[];

/** All requests of one turn of the event loop share one script call. */
class TurnBatches {
  readonly #redis: Redis;
  readonly #script: string;
  readonly #demandOf: (batch: readonly Waiting[]) => Demand;
  #next: Waiting[] = [];

  constructor(redis: Redis, script: string, demandOf: (batch: readonly Waiting[]) => Demand) {
    this.#redis = redis;
    this.#script = script;
    this.#demandOf = demandOf;
  }

  ask(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#next.length === 0) setImmediate(() => void this.#send());
      this.#next.push({ key, resolve, reject });
    });
  }

  async #send(): Promise<void> {
    const batch = this.#next;
    this.#next = [];
    try {
      await this.#call(this.#demandOf(batch));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async #call(demand: Demand): Promise<void> {
    const keys = demand.map(([key]) => key);
    const requests = demand.map(([, count]) => count);
    const waits = await this.#redis.evalsha(this.#script, keys.length, ...keys, INTERVAL, TOLERANCE, ...requests);
    for (const wait of waits as unknown[]) verifyGo(wait);
  }
}

/** The ceiling: a separate decision for each caller, with the least possible work, in the fewest possible calls. */
export const makeLimiter: MakeSharedLimiter = (options) =>
  limiterOf(options, (batch) => batch.map(({ key }) => [key, 1]));

/** All callers of one bucket share one decision, which admits all of them or none. */
export const makeMergingLimiter: MakeSharedLimiter = (options) =>
  limiterOf(options, (batch) => {
    const requests = new Map<string, number>();
    for (const { key } of batch) requests.set(key, (requests.get(key) ?? 0) + 1);
    return [...requests];
  });

async function limiterOf(
  { url, prefix }: SharedLimiterOptions,
  demandOf: (batch: readonly Waiting[]) => Demand,
): Promise<SharedLimiter> {
  const redis = new Redis(url);
  const batches = new TurnBatches(redis, (await redis.script('LOAD', SHARED_GCRA)) as string, demandOf);
  return {
    async send(bucket, onGo) {
      await batches.ask(`${prefix}${bucket}`);
      onGo();
    },
  };
}
