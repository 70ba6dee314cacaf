import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { freePort } from './free-port.js';
import { type RedisServer, temporaryDirectory } from './redis-server.js';
import { serverBinary } from './server-binary.js';
import { type Launch, ServerProcess } from './server-process.js';

export interface SentinelOptions {
  /** What the primary is called. Default: 'primary'. */
  readonly name?: string;
  /** Those that may take its place: servers that were started with `--replicaof 127.0.0.1 <port>`. */
  readonly replicas: readonly RedisServer[];
}

const PATIENCE = { timeout: 15_000, interval: 50 };
const DOWN_AFTER = 500;

/** A sentinel that needs no other to agree. */
export class Sentinel extends ServerProcess {
  readonly port: number;
  readonly name: string;
  readonly #client: Redis;

  constructor(port: number, name: string, launch: Launch) {
    super(launch);
    this.port = port;
    this.name = name;
    this.#client = new Redis(port, '127.0.0.1', { lazyConnect: true });
    this.#client.on('error', () => {});
  }

  /** The port of the server that it takes for the primary. */
  async primaryPort(): Promise<number> {
    const address = (await this.#client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', this.name)) as string[];
    return Number(address[1]);
  }

  /** How many replicas it could make the primary. */
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
      if (!(await client.info('replication')).includes('master_link_status:up')) throw new Error('It has no primary.');
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

function launchOf(config: string): Launch {
  const binary = serverBinary();
  const dir = temporaryDirectory();
  writeFileSync(join(dir, 'sentinel.conf'), config);
  return { binary, args: ['sentinel.conf', '--sentinel'], dir, isTemporary: true, ready: /Sentinel ID is/ };
}

/** Starts a sentinel, and waits until it could fail over to each of the replicas. */
export async function startSentinel(
  primary: RedisServer,
  { name = 'primary', replicas }: SentinelOptions,
): Promise<Sentinel> {
  // It asks the primary for its replicas at once, and then only every ten seconds.
  await Promise.all(replicas.map(untilReplicating));
  const port = await freePort();
  const launch = launchOf(configuration(port, name, primary));
  const sentinel = new Sentinel(port, name, launch);
  try {
    await sentinel.untilReady(launch.ready);
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
