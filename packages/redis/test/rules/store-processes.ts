import { Redis } from 'ioredis';
import type { BucketReply, BucketRequest, StoreNews, StoreReply, StoreRequest } from 'sluice';
import { afterAll, beforeAll } from 'vitest';
import { RedisStore } from '../../src/redis-store.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';

export const LEASE = 10_000;
const START = 1_000;

type GlobalRequest = NonNullable<StoreRequest['global']>;

/** Processes that share the limits of one authentication through a real Redis, at an instant that the test sets. */
export class Processes {
  /** The time in Redis. */
  now = START;
  readonly client: Redis;
  readonly prefix: string;
  readonly #subscriber: Redis;

  constructor(client: Redis, subscriber: Redis, prefix: string) {
    this.client = client;
    this.#subscriber = subscriber;
    this.prefix = prefix;
  }

  start(expireAfter = 0): Process {
    const now = () => this.now;
    let listener: (message: string) => void = () => {};
    const receive = (_: string, channel: string, message: string) => {
      if (channel.startsWith(this.prefix)) listener(message);
    };
    const news: StoreNews[] = [];
    const store = new RedisStore(
      'a',
      {
        prefix: this.prefix,
        lease: LEASE,
        expireAfter,
        isSharded: false,
        now,
        run: async (script, keys, parameter) => {
          const reply = await script.run(this.client, keys, parameter);
          // The news that the script published have arrived once the reply to a later command has.
          await this.#subscriber.ping();
          return reply;
        },
        listen: (_, onMessage) => {
          listener = onMessage;
          this.#subscriber.on('pmessage', receive);
          return () => this.#subscriber.off('pmessage', receive);
        },
      },
      (received) => news.push(received),
    );
    return new Process(store, news);
  }
}

/** One process, as the store sees it. */
export class Process {
  readonly #store: RedisStore;
  readonly #news: StoreNews[];
  #exchanges = 0;

  constructor(store: RedisStore, news: StoreNews[]) {
    this.#store = store;
    this.#news = news;
  }

  exchange(request: Partial<StoreRequest> = {}): Promise<StoreReply> {
    this.#exchanges += 1;
    const joins = this.#exchanges === 1 && { joins: true };
    return this.#store.exchange({ seq: this.#exchanges, ...joins, buckets: [], ...request });
  }

  /** Tells and asks of one bucket. */
  async bucket(request: Partial<BucketRequest>): Promise<BucketReply> {
    const { buckets } = await this.exchange({ buckets: [{ name: 'bucket', held: 0, subVersion: 0, ...request }] });
    return buckets[0] as BucketReply;
  }

  /** Asks for slots of the global limit. */
  slots(global: Pick<GlobalRequest, 'limit'> & Partial<GlobalRequest>): Promise<StoreReply> {
    return this.exchange({ global: { held: 0, inFlight: 0, spare: 0, line: 0, returned: [], ...global } });
  }

  /** News since it was last asked for them. */
  takeNews(): StoreNews[] {
    return this.#news.splice(0);
  }

  close(): void {
    this.#store.close();
  }
}

/** A Redis of its own for the tests of a file; each call begins with an authentication that nobody has used. */
export function storeProcesses(): () => Processes {
  let server: RedisServer;
  let client: Redis;
  let subscriber: Redis;
  let count = 0;
  beforeAll(async () => {
    server = await startRedisServer();
    client = new Redis(server.url);
    subscriber = new Redis(server.url);
    subscriber.setMaxListeners(0);
    await subscriber.psubscribe('*');
  });
  afterAll(async () => {
    client.disconnect();
    subscriber.disconnect();
    await server.stop();
  });
  return () => new Processes(client, subscriber, `${count++}:`);
}
