import type { RouteRule } from '@sluice/simulator';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';
import { untilLost, untilShared } from './bot.js';
import { BOUND, startFleet } from './fleet.js';

const FLUSHES = 5;
const CHANNEL = '/channels/{channel}';

/** Ends a server in the midst of a fleet's work, and starts another one at its place. */
async function expectSurvived(
  server: RedisServer,
  end: () => Promise<void>,
  startAgain: () => Promise<RedisServer>,
  onUnavailable: 'local' | 'reject' = 'local',
): Promise<void> {
  await using fleet = await startFleet({ redis: { url: server.url, onUnavailable } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(30);
  expect(fleet.refused).toBe(0);

  await end();
  await untilLost(fleet.bots);
  if (onUnavailable === 'local') await fleet.expectCalm(load);
  await using _ = await startAgain();
  await untilShared(fleet.bots);
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(onUnavailable === 'local' ? BOUND : 0);
  fleet.expectNothingLost(onUnavailable === 'local' ? [] : ['CoordinatorUnavailableError']);
}

it.concurrent.each(['local', 'reject'] as const)(
  'Redis killed and started again with its data (%s)',
  async (onUnavailable) => {
    const args = ['--appendonly', 'yes'];
    await using server = await startRedisServer({ args });
    const startAgain = () => startRedisServer({ port: server.port, dir: server.dir, args });
    await expectSurvived(server, () => server.kill(), startAgain, onUnavailable);
  },
);

it.concurrent('Redis stopped, with its data as they were saved', async () => {
  await using server = await startRedisServer();
  const end = () => server.stop({ save: true });
  await expectSurvived(server, end, () => startRedisServer({ port: server.port, dir: server.dir }));
});

it.concurrent.each(['local', 'reject'] as const)(
  'Redis killed and started again without its data (%s)',
  async (onUnavailable) => {
    await using server = await startRedisServer();
    await expectSurvived(
      server,
      () => server.kill(),
      () => startRedisServer({ port: server.port }),
      onUnavailable,
    );
  },
);

it.concurrent('Redis that forgets everything without a pause', async () => {
  await using server = await startRedisServer();
  await using fleet = await startFleet({ redis: { url: server.url } });
  const client = new Redis(server.url);
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(30);
  for (let time = 0; time < FLUSHES; time++) {
    await client.flushall();
    await load.untilAnswered(15);
  }
  client.disconnect();
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(FLUSHES * BOUND);
  fleet.expectNothingLost();
});

it.concurrent('Redis that forgets limits on fields is told of them again', async () => {
  await using server = await startRedisServer();
  const subLimits = [{ fields: ['name'], limit: 2, period: 500 }];
  const update: RouteRule = {
    methods: ['PATCH'],
    path: CHANNEL,
    bucket: 'update',
    limit: 50,
    period: 500,
    window: 'fixed',
    subLimits,
  };
  await using fleet = await startFleet({ redis: { url: server.url }, simulator: { routes: [update] } });
  const rename = () =>
    fleet.bots.map(({ client }) => client.patch('/channels/100000000000000001', { json: { name: 'x' } }));
  // The third is refused, and teaches the limit.
  await Promise.all([...rename(), ...rename()]);
  await untilShared(fleet.bots);
  const client = new Redis(server.url);
  await client.flushall();
  client.disconnect();
  await Promise.all([...rename(), ...rename(), ...rename()]);
  expect(fleet.bots.map(({ news }) => news)).toEqual([['joined'], ['joined']]);
  expect(fleet.refused).toBe(0);
});
