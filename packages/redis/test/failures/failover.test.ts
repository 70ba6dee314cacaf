import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { startSentinel } from '../servers/sentinel.js';
import { PATIENCE, untilShared } from './bot.js';
import { BOUND, startFleet } from './fleet.js';

it('a replica takes the place of the primary, and limits are shared through it', async () => {
  await using first = await startRedisServer();
  await using second = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(first.port)] });
  await using sentinel = await startSentinel(first, { name: 'limits', replicas: [second] });
  const sentinels = [{ host: '127.0.0.1', port: sentinel.port }];
  const clientOf = () => new Redis({ sentinels, name: 'limits', lazyConnect: true });
  await using fleet = await startFleet({ redis: () => ({ client: clientOf() }) });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(30);

  // On a busy machine, the sentinel may have changed its mind before.
  const primary = (await sentinel.primaryPort()) === first.port ? first : second;
  await primary.kill();
  // If that is quick, exchanges wait for the new primary, and it is only a pause.
  await vi.waitFor(async () => expect(await sentinel.primaryPort()).not.toBe(primary.port), PATIENCE);
  await load.untilAnswered(30);
  await untilShared(fleet.bots);
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(BOUND);
  fleet.expectNothingLost();
}, 20_000);
