import { type Simulator, startSimulator } from '@sluice/simulator';
import { expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';
import { PATIENCE, untilShared } from './bot.js';
import { Fleet, MESSAGES, routes } from './fleet.js';
import { BotProcess } from './processes.js';

const LEASE = 1_500;
const COUNT = 20;

/** A process that is stuck with so many permits, none of which it uses. */
function holderOf(simulator: Simulator, server: RedisServer, count: number): BotProcess {
  const baseURL = `${simulator.url}/api/v10`;
  return new BotProcess({ redis: { url: server.url, lease: LEASE }, baseURL, path: MESSAGES, count, hold: true });
}

async function expectServed(fleet: Fleet): Promise<void> {
  const started = performance.now();
  for (const bot of fleet.bots) for (let index = 0; index < COUNT; index++) void bot.send(MESSAGES);
  await vi.waitFor(() => expect(fleet.bots.map(({ underWay }) => underWay)).toEqual(fleet.bots.map(() => 0)), PATIENCE);
  const passed = performance.now() - started;
  expect(fleet.refused).toBe(0);
  fleet.expectNothingLost();
  // What the dead process held was waited for, and not for ever.
  expect(passed).toBeGreaterThan(LEASE / 2);
  expect(passed).toBeLessThan(5 * LEASE);
}

it.concurrent('others wait no longer than its lease for a process that died while it found out about a bucket', async () => {
  await using server = await startRedisServer();
  const simulator = await startSimulator({ routes: routes(COUNT, 500), rtt: 30 });
  await using fleet = new Fleet(simulator, { redis: { url: server.url, lease: LEASE } });
  await using holder = holderOf(simulator, server, 1);
  await holder.says('holding');
  await holder.kill();
  await expectServed(fleet);
});

it.concurrent('others wait no longer than its lease for a process that died while it held a whole window', async () => {
  await using server = await startRedisServer();
  const simulator = await startSimulator({ routes: routes(COUNT, 1_000), rtt: 30 });
  await using fleet = new Fleet(simulator, { redis: { url: server.url, lease: LEASE } });
  // Two answers of one window tell of which kind it is.
  await Promise.all([fleet.bots[0]?.send(MESSAGES), fleet.bots[0]?.send(MESSAGES)]);
  await untilShared(fleet.bots.slice(0, 1));
  await using holder = holderOf(simulator, server, COUNT);
  await holder.says('holding');
  await holder.kill();
  await expectServed(fleet);
});
