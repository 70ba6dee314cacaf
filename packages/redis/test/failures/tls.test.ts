import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { TEST_CERTIFICATE } from '../servers/tls.js';
import { untilLost, untilShared } from './bot.js';
import { startFleet } from './fleet.js';

it.concurrent('limits are shared through a server that speaks TLS', async () => {
  await using server = await startRedisServer({ tls: TEST_CERTIFICATE });
  const clientOf = () => new Redis(server.url, { tls: { ca: TEST_CERTIFICATE.ca }, lazyConnect: true });
  await using fleet = await startFleet({ redis: () => ({ client: clientOf() }) });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(60);
  await load.stop();
  expect(fleet.refused).toBe(0);
  fleet.expectNothingLost();
});

it.concurrent('a server whose certificate is not trusted is not spoken to', async () => {
  await using server = await startRedisServer({ tls: TEST_CERTIFICATE });
  await using fleet = await startFleet({ redis: { url: server.url, timeout: 500 }, bots: 1 });
  const load = fleet.load();
  await untilLost(fleet.bots);
  await load.stop();
  expect(fleet.bots[0]?.news).toEqual(['lost']);
  expect(fleet.bots[0]?.reasons[0]).toMatch(/certificate/);
  fleet.expectNothingLost();
});
