import type { AddressNews, Coordinator, SharedAddress, SharedStore, StoreNews } from 'sluice';
import { connect, whenReady } from './connection.js';
import { News } from './news.js';
import { type RedisClient, type RedisCoordinatorOptions, type RedisSettings, readOptions } from './options.js';
import { RedisAddress } from './redis-address.js';
import { RedisStore, type StoreConnection } from './redis-store.js';
import type { Script } from './script.js';

/**
 * Shares limits between processes through Redis or Valkey, from version 6.2 on: a single server, Sentinel or a Cluster.
 * Give one to the manager or client of each process. It holds two connections; {@link close} it when the managers are.
 *
 * Each decision is one script call on the server's own clock; all that waits in a process shares one call.
 */
export class RedisCoordinator implements Coordinator {
  readonly onUnavailable: 'local' | 'reject';
  readonly lease: number;
  readonly processes: number;
  readonly #settings: RedisSettings;
  readonly #client: RedisClient;
  readonly #news: News;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #now: (() => number) | undefined;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. */
  constructor(options: RedisCoordinatorOptions = {}) {
    this.#settings = readOptions(options);
    const { onUnavailable, lease, processes } = this.#settings;
    this.onUnavailable = onUnavailable;
    this.lease = lease;
    this.processes = processes;
    this.#now = (options as { now?: () => number }).now;
    this.#client = connect(this.#settings);
    // Exchanges find out by themselves that Redis cannot be reached.
    this.#client.on('error', () => {});
    this.#news = new News(this.#settings);
  }

  open(authentication: string, onNews: (news: StoreNews) => void): SharedStore {
    return new RedisStore(authentication, this.#connection(), onNews);
  }

  openAddress(onNews: (news: AddressNews) => void): SharedAddress {
    return new RedisAddress(this.#settings.egress, this.#connection(), onNews);
  }

  /** Ends the connections once what is under way is done. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#client.disconnect();
    this.#news.close();
  }

  #connection(): StoreConnection {
    const { prefix, lease, expireAfter } = this.#settings;
    const news = this.#news;
    return {
      prefix,
      lease,
      expireAfter,
      now: this.#now,
      get isSharded() {
        return news.isSharded;
      },
      run: (script, keys, parameter) => this.#run(script, keys, parameter),
      listen: (channel, listener) => news.listen(channel, listener),
    };
  }

  #run(script: Script, keys: readonly string[], parameter: string): Promise<string> {
    const run = this.#runWhenReady(script, keys, parameter);
    this.#underWay.add(run);
    const forget = () => this.#underWay.delete(run);
    run.then(forget, forget);
    return run;
  }

  async #runWhenReady(script: Script, keys: readonly string[], parameter: string): Promise<string> {
    await whenReady(this.#client, this.#settings.timeout);
    return script.run(this.#client, keys, parameter);
  }
}
