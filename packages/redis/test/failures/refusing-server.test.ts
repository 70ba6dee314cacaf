import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { untilLost, untilShared } from './bot.js';
import { BOUND, startFleet } from './fleet.js';

it.concurrent('Redis that has lost the scripts is given them again', async () => {
  await using server = await startRedisServer();
  const admin = new Redis(server.url);
  await using fleet = await startFleet({ redis: { url: server.url } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  for (let time = 0; time < 5; time++) {
    await admin.script('FLUSH', 'SYNC');
    await load.untilAnswered(20);
  }
  await load.stop();
  expect(fleet.refused).toBe(0);
  for (const { news } of fleet.bots) expect(news).toEqual(['joined']);
  admin.disconnect();
  fleet.expectNothingLost();
});

it.concurrent('Redis that is out of memory counts as unavailable until it has some', async () => {
  await using server = await startRedisServer();
  const admin = new Redis(server.url);
  await using fleet = await startFleet({ redis: { url: server.url } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(30);
  await admin.config('SET', 'maxmemory-policy', 'noeviction');
  await admin.config('SET', 'maxmemory', '1');
  await untilLost(fleet.bots);
  for (const { reasons } of fleet.bots) expect(reasons[0]).toMatch(/OOM/);
  await fleet.expectCalm(load);
  await admin.config('SET', 'maxmemory', '0');
  await untilShared(fleet.bots);
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(BOUND);
  admin.disconnect();
  fleet.expectNothingLost();
});
