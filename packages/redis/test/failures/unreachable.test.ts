import { freePort } from 'sluice-redis-server';
import { expect, it } from 'vitest';
import { CoordinatorUnavailableError } from '../../../sluice/src/index.js';
import { startRedisServer } from '../servers/redis-server.js';
import { untilLost } from './bot.js';
import { startFleet } from './fleet.js';

/** Long enough for a Redis that is there, even on a busy machine: to lose it again is not what is tested here. */
const TIMEOUT = 3_000;

it.concurrent('without Redis from the start, each process goes on with its share until there is one', async () => {
  const port = await freePort();
  await using fleet = await startFleet({ redis: { url: `redis://127.0.0.1:${port}`, processes: 2, timeout: TIMEOUT } });
  const load = fleet.load();
  await untilLost(fleet.bots);
  // All shares together are the limit, from the first window on.
  await fleet.expectCalm(load);
  expect(fleet.refused).toBe(0);

  await using _ = await startRedisServer({ port });
  await fleet.expectBack(load);
  await load.stop();
  fleet.expectNothingLost();
});

it.concurrent('without Redis from the start, requests are rejected if that is wanted, until there is one', async () => {
  const port = await freePort();
  const redis = { url: `redis://127.0.0.1:${port}`, onUnavailable: 'reject', timeout: TIMEOUT } as const;
  await using fleet = await startFleet({ redis });
  const load = fleet.load();
  await untilLost(fleet.bots);
  expect(fleet.simulator.statistics().arrivals).toBe(0);
  for (const { error } of fleet.bots.flatMap(({ outcomes }) => outcomes)) {
    expect(error).toBeInstanceOf(CoordinatorUnavailableError);
  }

  await using _ = await startRedisServer({ port });
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBe(0);
  fleet.expectNothingLost(['CoordinatorUnavailableError']);
});
