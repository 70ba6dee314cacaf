import { expect, it } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { startTcpProxy } from '../servers/tcp-proxy.js';
import { Load, untilLost, untilShared } from './bot.js';
import { BOUND, MESSAGES, startFleet, TYPING } from './fleet.js';

it.concurrent('Redis that takes longer than the timeout counts as unavailable until it is faster', async () => {
  await using server = await startRedisServer();
  await using proxy = await startTcpProxy(server);
  await using fleet = await startFleet({ redis: { url: proxy.url } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(30);
  proxy.delay(1_000);
  await untilLost(fleet.bots);
  await fleet.expectCalm(load);
  proxy.delay(0);
  await untilShared(fleet.bots);
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(BOUND);
  fleet.expectNothingLost();
});

it.concurrent('Redis that is slow within the timeout slows down, and nothing is refused', async () => {
  await using server = await startRedisServer();
  await using proxy = await startTcpProxy(server);
  await using fleet = await startFleet({ redis: { url: proxy.url, timeout: 5_000 } });
  const load = new Load(fleet.bots, [MESSAGES, MESSAGES, TYPING]);
  await untilShared(fleet.bots);
  await load.untilAnswered(20);
  proxy.delay(1_000);
  await load.untilAnswered(12);
  await load.stop();
  expect(fleet.refused).toBe(0);
  for (const { news } of fleet.bots) expect(news).toEqual(['joined']);
  fleet.expectNothingLost();
});
