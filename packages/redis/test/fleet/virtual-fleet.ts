import { Redis } from 'ioredis';
import type {
  AddressReply,
  Coordinator,
  SharedAddress,
  SharedStore,
  StoreNews,
  StoreReply,
  StoreRequest,
} from 'sluice';
import { afterAll, beforeAll } from 'vitest';
import { VirtualClock } from '../../../sluice/src/clock/virtual-clock.js';
import { RESTBucketManager } from '../../../sluice/src/manager/rest-bucket-manager.js';
import type { History, Stage } from '../../../sluice/test/properties/history.js';
import { RedisStore } from '../../src/redis-store.js';
import type { Script } from '../../src/script.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';

/** How long a history may last, in ms of its own time: a request that still waits then waits for ever. */
const LONGEST_HISTORY = 4 * 3_600_000;

/** Exchanges of one history; more would be polling. */
const MOST_CALLS = 5_000;

/** Of the slowest process: the exchange under way, one that tells, one of another process that asks, and news. */
const SPREAD = 700;

/** Redis' clock tells nothing about anybody else's. */
const REDIS_EPOCH = 1_600_000_000_000.7;

/** How long a call takes to reach Redis, an answer to come back, and news to arrive, in ms. */
export interface RedisDelays {
  readonly there: number;
  readonly back: number;
  readonly news: number;
}

/**
 * A real Redis server in virtual time: scripts are told what time it is, and the clock stands still until all that was
 * sent to the server has been answered, news included.
 */
export class VirtualRedis {
  readonly clock = new VirtualClock();
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #listeners = new Map<string, Set<(message: string | undefined) => void>>();
  #underWay = 0;
  #calls = 0;
  readonly prefix: string;

  constructor(client: Redis, subscriber: Redis, prefix: string) {
    this.#client = client;
    this.#subscriber = subscriber;
    this.prefix = prefix;
    subscriber.on('message', this.#onMessage);
  }

  /** Exchanges so far. */
  get calls(): number {
    return this.#calls;
  }

  coordinator(delays: RedisDelays, lease = 10_000): Coordinator {
    return {
      onUnavailable: 'local',
      lease,
      processes: 1,
      open: (authentication, onNews) => this.#open(authentication, onNews, delays, lease),
      openAddress: () => silentAddress,
    };
  }

  /** Moves time from deadline to deadline until it is done. */
  async run(isDone: () => boolean): Promise<void> {
    for (;;) {
      await this.settle();
      const next = this.clock.nextTimerAt;
      if (isDone() || next === undefined) return;
      if (next > LONGEST_HISTORY) return;
      await this.clock.advanceTo(next);
    }
  }

  /** Waits until nothing is under way to or from the server. */
  async settle(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
    } while (this.#underWay > 0);
  }

  async end(): Promise<void> {
    await this.settle();
    this.#subscriber.off('message', this.#onMessage);
    if (this.#listeners.size > 0) await this.#subscriber.unsubscribe(...this.#listeners.keys());
  }

  #open(authentication: string, onNews: (news: StoreNews) => void, delays: RedisDelays, lease: number): SharedStore {
    const store = new RedisStore(
      authentication,
      {
        prefix: this.prefix,
        lease,
        expireAfter: 600_000,
        isSharded: false,
        now: () => REDIS_EPOCH + this.clock.now(),
        run: (script, keys, parameter) => this.#run(script, keys, parameter),
        listen: (channel, listener) => this.#listen(channel, listener),
      },
      (news) => void this.clock.setTimer(this.clock.now() + delays.news, () => onNews(news)),
    );
    return {
      whenReady: (collect) => this.#count(new Promise<void>((resolve) => store.whenReady(() => resolve(collect())))),
      exchange: (request) => this.#exchange(store, request, delays),
      close: () => store.close(),
    };
  }

  async #exchange(store: SharedStore, request: StoreRequest, { there, back }: RedisDelays): Promise<StoreReply> {
    await this.#sleep(there);
    const reply = await this.#count(store.exchange(request));
    await this.#sleep(back);
    return reply;
  }

  async #run(script: Script, keys: readonly string[], parameter: string): Promise<string> {
    if (this.#calls++ > MOST_CALLS) throw new Error(`more than ${MOST_CALLS} exchanges in one history`);
    const reply = await script.run(this.#client, keys, parameter);
    // What was published is here once the answer to a later command is.
    await this.#subscriber.ping();
    return reply;
  }

  #listen(channel: string, listener: (message: string | undefined) => void): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    if (listeners.size === 1) void this.#count(this.#subscriber.subscribe(channel));
    return () => void listeners.delete(listener);
  }

  readonly #onMessage = (channel: string, message: string) => {
    for (const listener of this.#listeners.get(channel) ?? []) listener(message);
  };

  #sleep(duration: number): Promise<void> {
    if (duration === 0) return Promise.resolve();
    return new Promise((resolve) => void this.clock.setTimer(this.clock.now() + duration, resolve));
  }

  async #count<T>(work: Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work;
    } finally {
      this.#underWay--;
    }
  }
}

const silentAddress: SharedAddress = {
  exchange: async (): Promise<AddressReply> => ({ invalid: [], processes: 1, version: 0 }),
  close: () => {},
};

/** Several processes that share their limits. */
export function fleetStage(
  redis: VirtualRedis,
  history: Pick<History, 'model' | 'concurrency'>,
  delays: readonly RedisDelays[],
  lease?: number,
): Stage {
  const managers = delays.map(
    (each) =>
      new RESTBucketManager({
        clock: redis.clock,
        globalLimit: history.model.globalLimit ?? Number.POSITIVE_INFINITY,
        concurrency: history.concurrency,
        maxRateLimit: Number.POSITIVE_INFINITY,
        coordinator: redis.coordinator(each, lease),
      }),
  );
  return { clock: redis.clock, managers, spread: SPREAD, run: (isDone) => redis.run(isDone) };
}

/** Connections to a server for many histories, each of which has keys of its own. */
export class VirtualRedisPool {
  readonly #client: Redis;
  readonly #subscriber: Redis;
  #histories = 0;
  readonly #name = Math.random().toString(36).slice(2);

  constructor(url: string) {
    this.#client = new Redis(url);
    this.#subscriber = new Redis(url);
  }

  /** A history's own part of the server. */
  async with<T>(play: (redis: VirtualRedis) => Promise<T>): Promise<T> {
    const redis = new VirtualRedis(this.#client, this.#subscriber, `${this.#name}-${this.#histories++}:`);
    try {
      return await play(redis);
    } finally {
      await redis.end();
      if (this.#histories % 100 === 0) await this.#client.flushall();
    }
  }

  close(): void {
    this.#client.disconnect();
    this.#subscriber.disconnect();
  }
}

/** A server of its own for the tests of a file, and connections to it. */
export function virtualRedisPool(): () => VirtualRedisPool {
  let server: RedisServer;
  let pool: VirtualRedisPool;
  beforeAll(async () => {
    server = await startRedisServer();
    pool = new VirtualRedisPool(server.url);
  });
  afterAll(async () => {
    pool.close();
    await server[Symbol.asyncDispose]();
  });
  return () => pool;
}
