import { Cluster } from 'ioredis';
import { connect } from './connection.js';
import type { RedisClient, RedisSettings } from './options.js';

type Listener = (message: string | undefined) => void;

/** What the server tells without being asked: one connection for all channels. In a Cluster, those of shards if it has them. */
export class News {
  readonly #client: RedisClient;
  readonly #listeners = new Map<string, Set<Listener>>();
  #isSharded: boolean;

  constructor(settings: RedisSettings) {
    this.#client = connect(settings);
    this.#isSharded = this.#client instanceof Cluster;
    const onMessage = (channel: string, message: string) => this.#tell(channel, message);
    this.#client.on('message', onMessage);
    this.#client.on('smessage', onMessage);
    // Whatever was told while the connection was lost is missing.
    this.#client.on('ready', () => this.#onReady());
    // Exchanges find out by themselves that Redis cannot be reached.
    this.#client.on('error', () => {});
  }

  /** Whether news have to be published to a shard. */
  get isSharded(): boolean {
    return this.#isSharded;
  }

  /** Calls back with each message, and with `undefined` when some may have been missed. */
  listen(channel: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    if (listeners.size === 1 && this.#client.status === 'ready') this.#subscribe(channel);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      this.#listeners.delete(channel);
      if (this.#client.status === 'ready') this.#unsubscribe(channel);
    };
  }

  close(): void {
    this.#client.disconnect();
  }

  #onReady(): void {
    for (const channel of this.#listeners.keys()) this.#subscribe(channel);
  }

  async #subscribe(channel: string): Promise<void> {
    try {
      if (this.#isSharded) await this.#client.ssubscribe(channel);
      else await this.#client.subscribe(channel);
      for (const listener of this.#listeners.get(channel) ?? []) listener(undefined);
    } catch (error) {
      // Redis 6 has no channels of shards; what is published to others reaches the whole Cluster.
      if (!(this.#isSharded && error instanceof Error && /unknown command/i.test(error.message))) return;
      this.#isSharded = false;
      await this.#subscribe(channel);
    }
  }

  #unsubscribe(channel: string): void {
    const done = this.#isSharded ? this.#client.sunsubscribe(channel) : this.#client.unsubscribe(channel);
    done.catch(() => {});
  }

  #tell(channel: string, message: string): void {
    for (const listener of this.#listeners.get(channel) ?? []) listener(message);
  }
}
