import { Redis } from 'ioredis';

/** The longest time for a reply of Redis, in ms. */
const PATIENCE = 3_000;

/** Counts the script calls of a Redis server. */
export class ScriptCalls implements Disposable {
  readonly #client: Redis;

  private constructor(client: Redis) {
    this.#client = client;
  }

  /** @throws Error that says which server does not reply, and why; it shows no password. */
  static async connect(url: string): Promise<ScriptCalls> {
    const patience = { connectTimeout: PATIENCE, commandTimeout: PATIENCE, maxRetriesPerRequest: 0 };
    const client = new Redis(url, { ...patience, lazyConnect: true, retryStrategy: () => null });
    let cause: Error | undefined;
    client.on('error', (error) => {
      cause = error;
    });
    try {
      await client.connect();
      await client.info('commandstats');
      return new ScriptCalls(client);
    } catch (error) {
      client.disconnect();
      throw new Error(`The Redis at ${placeOf(url)} cannot be used: ${messageOf(cause ?? error)}`);
    }
  }

  /** The number of script calls since the server's start, by all its clients. */
  async count(): Promise<number> {
    const info = await this.#client.info('commandstats');
    const calls = [...info.matchAll(/^cmdstat_(?:eval|evalsha):calls=(\d+)/gm)].map(([, count]) => Number(count));
    return calls.reduce((sum, count) => sum + count, 0);
  }

  [Symbol.dispose](): void {
    this.#client.disconnect();
  }
}

function placeOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
