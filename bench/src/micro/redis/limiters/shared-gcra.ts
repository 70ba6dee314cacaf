import { Redis } from 'ioredis';
import type { MakeSharedLimiter, SharedLimiter, SharedLimiterOptions } from '../limiter.js';
import { INTERVAL, SHARED_GCRA, TOLERANCE, verifyGo } from './gcra-scripts.js';

/** A caller that waits for the next call. */
interface Waiting {
  readonly key: string;
  resolve(): void;
  reject(error: unknown): void;
}

/** Which buckets a call names, and how many requests each. */
type Demand = readonly (readonly [key: string, requests: number])[];

/** All that is asked for in one turn of the event loop shares one call of the script. */
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

/** The ceiling: each caller's decision is one of its own, as little work as that can be, in as few calls. */
export const makeLimiter: MakeSharedLimiter = (options) =>
  limiterOf(options, (batch) => batch.map(({ key }) => [key, 1]));

/** All callers of one bucket are one decision, which lets all of them go or none. */
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
