import { randomBytes } from 'node:crypto';
import type { BucketRequest, SharedStore, StoreNews, StoreReply, StoreRequest } from 'sluice';
import { Script } from './script.js';

const EXCHANGE = new Script('exchange.lua');

/** The parts of its coordinator that a store works with. */
export interface StoreConnection {
  readonly prefix: string;
  readonly lease: number;
  readonly expireAfter: number;
  readonly isSharded: boolean;
  /** Replaces Redis's time in tests, in ms. */
  readonly now: (() => number) | undefined;
  run(script: Script, keys: readonly string[], parameter: string): Promise<string>;
  listen(channel: string, listener: (message: string | undefined) => void): () => void;
}

/** News as the script publishes them, for all processes. */
interface PublishedNews extends Omit<StoreNews, 'wake' | 'slots'> {
  readonly from: string;
  readonly wake?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly slots?: readonly string[];
}

/** The shared limits of one authentication: all under one hash tag, so that one script sees them all in a Cluster. */
export class RedisStore implements SharedStore {
  readonly #connection: StoreConnection;
  readonly #keys: string;
  readonly #me = randomBytes(9).toString('base64url');
  readonly #stopListening: () => void;

  constructor(authentication: string, connection: StoreConnection, onNews: (news: StoreNews) => void) {
    this.#connection = connection;
    this.#keys = `${connection.prefix}{${authentication}}:`;
    this.#stopListening = connection.listen(this.#channel, (message) => {
      const news = message === undefined ? { isGap: true } : newsFor(this.#me, JSON.parse(message));
      if (news) onNews(news);
    });
  }

  whenReady(collect: () => void): void {
    setImmediate(collect);
  }

  async exchange({ buckets, ...request }: StoreRequest): Promise<StoreReply> {
    const { lease, expireAfter, isSharded, now } = this.#connection;
    const keys = new Keys(`${this.#keys}state`, `${this.#keys}routes`);
    const message = {
      me: this.#me,
      fresh: randomBytes(6).toString('base64url'),
      lease,
      keep: expireAfter,
      channel: this.#channel,
      ...(isSharded && { sharded: true }),
      ...(now && { now: now() }),
      ...request,
      buckets: buckets.map((bucket) => this.#entry(bucket, keys)),
    };
    return JSON.parse(await this.#connection.run(EXCHANGE, keys.all, JSON.stringify(message)));
  }

  close(): void {
    this.#stopListening();
  }

  get #channel(): string {
    return `${this.#keys}news`;
  }

  #entry({ parent, origin, formerly, ...bucket }: BucketRequest, keys: Keys): object {
    const place = (name: string) => keys.place(`${this.#keys}bucket:${name}`);
    return {
      ...bucket,
      key: place(bucket.name),
      ...(parent !== undefined && { parent: place(parent) }),
      ...(origin !== undefined && { origin: place(origin) }),
      ...(formerly !== undefined && { formerly: place(formerly) }),
    };
  }
}

/** The keys of a call, each once. */
class Keys {
  readonly #places = new Map<string, number>();

  constructor(...keys: string[]) {
    for (const key of keys) this.place(key);
  }

  get all(): string[] {
    return [...this.#places.keys()];
  }

  /** The place of a key among them, counted from 1 as in Lua. */
  place(key: string): number {
    const place = this.#places.get(key) ?? this.#places.size + 1;
    this.#places.set(key, place);
    return place;
  }
}

/** The part of the news for this process; `undefined` for its own news. */
function newsFor(me: string, { from, wake = {}, slots, ...news }: PublishedNews): StoreNews | undefined {
  if (from === me) return undefined;
  const mine = Object.entries(wake).flatMap(([bucket, waits]) => {
    const wait = waits[me];
    return wait === undefined ? [] : [[bucket, wait] as const];
  });
  return { ...news, ...(mine.length > 0 && { wake: mine }), ...(slots?.includes(me) && { slots: true }) };
}
