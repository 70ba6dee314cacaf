import { type CompiledRoute, type Permit, type RESTBucketManager, Route } from 'sluice';
import { CountingServer } from '../answers.js';
import { timeOf, timeRounds } from '../batches.js';
import type { Case, Effort, Group } from '../group.js';
import { snowflake } from '../identifiers.js';
import { AUTHORIZATION, unlimitedManager } from '../peers/sluice.js';

/** The numbers of waiting requests. */
const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** A manager with requests that wait for one response. */
interface Situation {
  readonly manager: RESTBucketManager;
  /** The permit whose response names the bucket. */
  readonly permit: Permit;
  readonly server: CountingServer;
  /** A route whose requests are moved. */
  readonly route: CompiledRoute;
  /** The number of requests that must wait there afterwards: one of them may leave. */
  readonly expected: number;
}

const writing = channelRoute('POST', 'messages');
const pinning = channelRoute('PUT', 'pins/1096859813123456789');

function channelRoute(method: string, rest: string): CompiledRoute {
  return Route.match(method, `/channels/${snowflake(0)}/${rest}`);
}

/**
 * `permit.complete` with the response that names the bucket of a route with waiting requests: the whole call, per
 * waiting request. No other client moves requests: they leave them in the old queue.
 */
export const moves: Group = {
  name: 'moves',
  about:
    'permit.complete with the first response of a route, which names its bucket while N requests wait: the whole call, per ' +
    'waiting request. Other clients do not move requests.',
  tables: [
    movesTable('the bucket is named', waitUnknown),
    movesTable('the bucket is one that exists', joinBucket),
    movesTable('the bucket exists, and N more wait there; every second one is in between', interleave),
  ],
};

function movesTable(title: string, arrange: (waiting: number) => Promise<Situation>) {
  const cases: Case[] = SIZES.map((size) => ({
    who: nameOf(size),
    measure: (effort) => timeMove(effort, size, arrange),
  }));
  return { title, unit: 'ns', reference: { who: nameOf(SIZES[0] ?? 0) }, cases } as const;
}

function nameOf(size: number): string {
  return `${size.toLocaleString('en')} requests`;
}

function timeMove(effort: Effort, size: number, arrange: (waiting: number) => Promise<Situation>): Promise<number> {
  const waiting = effort.size(size);
  return timeRounds(effort, waiting, async () => {
    const { manager, permit, server, route, expected } = await arrange(waiting);
    const time = await timeOf(() => permit.complete(server.answer()));
    const bucket = manager.getBucket(route, AUTHORIZATION);
    if (bucket.isUnknown || bucket.queueSize + bucket.inFlight < expected) throw new Error('Sluice has moved nothing');
    manager.close();
    return time;
  });
}

/** Requests whose end nothing awaits. */
function sendAll(manager: RESTBucketManager, routes: readonly CompiledRoute[], count: number): void {
  for (let index = 0; index < count; index++) {
    const route = routes[index % routes.length] as CompiledRoute;
    manager.acquire(route, AUTHORIZATION).catch(() => {});
  }
}

async function waitUnknown(waiting: number): Promise<Situation> {
  const manager = unlimitedManager();
  const permit = await manager.acquire(writing, AUTHORIZATION);
  sendAll(manager, [writing], waiting);
  return { manager, permit, server: new CountingServer(), route: writing, expected: waiting };
}

async function joinBucket(waiting: number): Promise<Situation> {
  const manager = unlimitedManager();
  const server = new CountingServer();
  (await manager.acquire(writing, AUTHORIZATION)).complete(server.answer());
  const permit = await manager.acquire(pinning, AUTHORIZATION);
  sendAll(manager, [pinning], waiting);
  return { manager, permit, server, route: writing, expected: waiting };
}

async function interleave(waiting: number): Promise<Situation> {
  const manager = unlimitedManager();
  const server = new CountingServer();
  (await manager.acquire(writing, AUTHORIZATION)).complete(server.answer());
  // Holds the other requests of its bucket, because writes leave one after another.
  await manager.acquire(writing, AUTHORIZATION);
  const permit = await manager.acquire(pinning, AUTHORIZATION);
  sendAll(manager, [pinning, writing], 2 * waiting);
  return { manager, permit, server, route: writing, expected: 2 * waiting };
}
