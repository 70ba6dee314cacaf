import { Redis } from 'ioredis';
import { ensureRedisServer, type RedisServer, startRedisServer } from 'sluice-redis-server';
import { type CommandCalls, parseCommandCalls } from './command-calls.js';

/** A Redis server for one benchmark, which reports how much it has worked. */
export class MeasuredRedis implements AsyncDisposable {
  readonly url: string;
  /** Name and version. */
  readonly title: string;
  readonly #server: RedisServer;
  readonly #client: Redis;

  private constructor(server: RedisServer) {
    this.url = server.url;
    this.title = server.title;
    this.#server = server;
    this.#client = new Redis(server.url);
  }

  /** @throws Error when there is no Redis server, or it does not start. */
  static async start(): Promise<MeasuredRedis> {
    ensureRedisServer();
    return new MeasuredRedis(await startRedisServer());
  }

  /** The number of calls of each command since the start. */
  async commandCalls(): Promise<CommandCalls> {
    return parseCommandCalls(await this.#client.info('commandstats'));
  }

  /** The processor time used since the start, in µs. */
  async processorTime(): Promise<number> {
    const info = await this.#client.info('cpu');
    const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, value]) => Number(value));
    return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
  }

  /** Deletes all keys. */
  async flush(): Promise<void> {
    await this.#client.flushall();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    await this.#server[Symbol.asyncDispose]();
  }
}
