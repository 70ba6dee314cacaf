import { Redis } from 'ioredis';
import { ServerProcess, serverOnPath, startOnPort } from 'sluice-redis-server';
import { vi } from 'vitest';
import type { RedisServer } from './redis-server.js';

export interface SentinelOptions {
  /** The name of the primary. Default: 'primary'. */
  readonly name?: string;
  /** Servers that may replace the primary, started with `--replicaof 127.0.0.1 <port>`. */
  readonly replicas: readonly RedisServer[];
}

const PATIENCE = { timeout: 15_000, interval: 50 };
const DOWN_AFTER = 500;

/** A sentinel that decides alone. */
export class Sentinel extends ServerProcess {
  readonly port: number;
  readonly name: string;
  readonly #client: Redis;

  constructor(port: number, name: string, primary: RedisServer) {
    const { command } = serverOnPath();
    const files = { 'sentinel.conf': configuration(port, name, primary) };
    super({ command, args: ['sentinel.conf', '--sentinel'], files, ready: /Sentinel ID is/ });
    this.port = port;
    this.name = name;
    this.#client = new Redis(port, '127.0.0.1', { lazyConnect: true });
    this.#client.on('error', () => {});
  }

  /** The port of the server that this sentinel considers the primary. */
  async primaryPort(): Promise<number> {
    const address = (await this.#client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name)) as string[];
    return Number(address[1]);
  }

  /** The number of replicas that could become the primary. */
  async readyReplicas(): Promise<number> {
    const replicas = (await this.#client.call('SENTINEL', 'REPLICAS', this.name)) as string[][];
    return replicas.filter((fields) => {
      const field = (name: string) => fields[fields.indexOf(name) + 1];
      return field('flags') === 'slave' && field('master-link-status') === 'ok';
    }).length;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#client.disconnect();
    await super[Symbol.asyncDispose]();
  }
}

async function untilReplicating(server: RedisServer): Promise<void> {
  const client = new Redis(server.url);
  try {
    await vi.waitFor(async () => {
      if (!(await client.info('replication')).includes('master_link_status:up'))
        throw new Error('The replica has no primary.');
    }, PATIENCE);
  } finally {
    client.disconnect();
  }
}

function configuration(port: number, name: string, primary: RedisServer): string {
  return `port ${port}
bind 127.0.0.1
sentinel monitor ${name} 127.0.0.1 ${primary.port} 1
sentinel down-after-milliseconds ${name} ${DOWN_AFTER}
sentinel failover-timeout ${name} 3000
`;
}

/** Starts a sentinel, and waits until it can fail over to each of the replicas. */
export async function startSentinel(
  primary: RedisServer,
  { name = 'primary', replicas }: SentinelOptions,
): Promise<Sentinel> {
  // A sentinel asks the primary for its replicas at once, and then only every ten seconds.
  await Promise.all(replicas.map(untilReplicating));
  const sentinel = await startOnPort(undefined, (port) => new Sentinel(port, name, primary));
  try {
    await vi.waitFor(async () => {
      const ready = await sentinel.readyReplicas();
      if (ready < replicas.length) throw new Error(`The sentinel knows ${ready} of ${replicas.length} replicas.`);
    }, PATIENCE);
    return sentinel;
  } catch (error) {
    await sentinel[Symbol.asyncDispose]();
    throw error;
  }
}
