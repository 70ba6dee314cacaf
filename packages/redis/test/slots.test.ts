import { Redis } from 'ioredis';
import type { SharedStore, StoreRequest } from 'sluice';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisStore } from '../src/redis-store.js';
import { type RedisServer, startRedisServer } from './servers/redis-server.js';

const LIMIT = 4;

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startRedisServer();
  client = new Redis(server.url);
});
afterAll(async () => {
  client.disconnect();
  await server[Symbol.asyncDispose]();
});

/** A process, for which time stands still. */
function processOf(prefix: string): SharedStore {
  return new RedisStore(
    'authentication',
    {
      prefix,
      lease: 10_000,
      expireAfter: 0,
      isSharded: false,
      now: () => 1_000,
      run: (script, keys, parameter) => script.run(client, keys, parameter),
      listen: () => () => {},
    },
    () => {},
  );
}

async function slotsFor(
  store: SharedStore,
  seq: number,
  global: Partial<NonNullable<StoreRequest['global']>>,
): Promise<readonly number[]> {
  const told = { limit: LIMIT, held: 0, inFlight: 0, spare: 0, line: 0, returned: [], ...global };
  const { slots = [] } = await store.exchange({ seq, joins: seq === 1, global: told, buckets: [] });
  return slots.map(Math.round);
}

it('slots that were used more often than there are of them are free when the latest of these uses are over', async () => {
  const [first, second] = [processOf('twice:'), processOf('twice:')];
  expect(await slotsFor(first, 1, { line: 4 })).toEqual([0, 0, 0, 0]);
  // It had a share of its own while it could not reach Redis.
  expect(await slotsFor(second, 1, { line: 4, returned: [100, 200, 300, 400] })).toEqual([]);
  expect(await slotsFor(first, 2, { held: 2, inFlight: 2, returned: [800, 900] })).toEqual([]);
  expect(await slotsFor(second, 2, { line: 4 })).toEqual([801, 901]);
});

it('slots that were given back unused are free at once', async () => {
  const [first, second] = [processOf('unused:'), processOf('unused:')];
  await slotsFor(first, 1, { line: 4 });
  await slotsFor(second, 1, { line: 4 });
  await slotsFor(first, 2, { held: 1, inFlight: 1, returned: [0, 0, 700] });
  expect(await slotsFor(second, 2, { line: 4 })).toEqual([0, 0, 701]);
});
