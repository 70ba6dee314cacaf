import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { type RedisServer, startRedisServer } from './redis-server.js';

export interface ClusterOptions {
  /** Default: 3, the fewest of which one may fail. */
  readonly primaries?: number;
  /** More settings of each server. */
  readonly args?: readonly string[];
}

export interface RedisCluster extends AsyncDisposable {
  /** Sorted by their slots. */
  readonly servers: readonly RedisServer[];
  /** The addresses that a client of the cluster needs. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
}

const SLOTS = 16_384;
const NODE_TIMEOUT = 1_000;
const PATIENCE = { timeout: 15_000, interval: 50 };

function slotsOf(index: number, primaries: number): number[] {
  const first = Math.floor((index * SLOTS) / primaries);
  const end = Math.floor(((index + 1) * SLOTS) / primaries);
  return Array.from({ length: end - first }, (_, offset) => first + offset);
}

/** Gives each node its slots and introduces every node to every other, without the delays of gossip. */
async function join(clients: readonly Redis[], servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(
    clients.map(async (client, index) => {
      await client.cluster('ADDSLOTS', ...slotsOf(index, clients.length));
      await client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }),
  );
  for (const client of clients) {
    for (const { port } of servers) await client.cluster('MEET', '127.0.0.1', port);
  }
}

async function untilWhole(client: Redis, primaries: number): Promise<void> {
  await vi.waitFor(async () => {
    const info = await client.call('CLUSTER', 'INFO');
    const wanted = ['cluster_state:ok', `cluster_slots_ok:${SLOTS}`, `cluster_known_nodes:${primaries}`];
    const missing = wanted.filter((line) => !String(info).includes(line));
    if (missing.length > 0) throw new Error(`The cluster lacks ${missing.join(', ')}`);
  }, PATIENCE);
}

async function disposeAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
}

function startNodes(primaries: number, args: readonly string[]): Promise<RedisServer[]> {
  const enabled = ['--cluster-enabled', 'yes', '--cluster-node-timeout', String(NODE_TIMEOUT), ...args];
  return Promise.all(Array.from({ length: primaries }, () => startRedisServer({ args: enabled })));
}

/** Starts a cluster of primaries without replicas, and waits until each of them accepts commands. */
export async function startCluster({ primaries = 3, args = [] }: ClusterOptions = {}): Promise<RedisCluster> {
  const servers = await startNodes(primaries, args);
  const clients = servers.map(({ url }) => new Redis(url, { enableReadyCheck: false }));
  try {
    await join(clients, servers);
    await Promise.all(clients.map((client) => untilWhole(client, primaries)));
  } catch (error) {
    await disposeAll(servers);
    throw error;
  } finally {
    for (const client of clients) client.disconnect();
  }
  const nodes = servers.map(({ port }) => ({ host: '127.0.0.1', port }));
  return { servers, nodes, [Symbol.asyncDispose]: () => disposeAll(servers) };
}
