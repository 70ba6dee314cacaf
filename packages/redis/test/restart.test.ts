import { type Simulator, startSimulator } from '@sluice/simulator';
import { expect, it, vi } from 'vitest';
import { PATIENCE } from './failures/bot.js';
import { Fleet, MESSAGES, routes } from './failures/fleet.js';
import { BotProcess } from './failures/processes.js';
import { type RedisServer, startRedisServer } from './servers/redis-server.js';

const LEASE = 1_500;
const LIMIT = 8;
/** Long enough for a restart in its midst. */
const PERIOD = 3_000;
const EACH = 6;

function startLongWindows(): Promise<Simulator> {
  return startSimulator({ routes: routes(LIMIT, PERIOD), rtt: 60, jitter: 40 });
}

function fleetOf(simulator: Simulator, server: RedisServer): Fleet {
  return new Fleet(simulator, { redis: { url: server.url, lease: LEASE } });
}

/** Waits until most of a window is used, and some requests are under way. */
async function untilInTheMidst(simulator: Simulator): Promise<void> {
  const most = LIMIT / 2 + 1;
  await vi.waitFor(() => expect(simulator.statistics().admitted).toBeGreaterThanOrEqual(most), PATIENCE);
}

/** As many requests as do not fit into a window. */
function useUp(fleet: Fleet): Promise<unknown>[] {
  return fleet.bots.flatMap((bot) => Array.from({ length: EACH }, () => bot.send(MESSAGES)));
}

it.concurrent('processes that are closed and start again in the midst of a window are not refused', async () => {
  await using server = await startRedisServer();
  await using simulator = await startLongWindows();
  const before = fleetOf(simulator, server);
  const requests = useUp(before);
  await untilInTheMidst(simulator);
  await Promise.all(before.bots.map((bot) => bot[Symbol.asyncDispose]()));
  await Promise.all(requests);
  expect(simulator.statistics().admitted).toBeLessThanOrEqual(LIMIT);

  await using after = fleetOf(simulator, server);
  await Promise.all(useUp(after));
  expect(after.refused).toBe(0);
});

it.concurrent('processes that are killed and start again in the midst of a window are not refused', async () => {
  await using server = await startRedisServer();
  await using simulator = await startLongWindows();
  const redis = { url: server.url, lease: LEASE };
  const task = { redis, baseURL: `${simulator.url}/api/v10`, path: MESSAGES, count: EACH };
  await using first = new BotProcess(task);
  await using second = new BotProcess(task);
  await untilInTheMidst(simulator);
  await Promise.all([first.kill(), second.kill()]);

  await using third = new BotProcess(task);
  await using fourth = new BotProcess(task);
  await Promise.all([third.says(`answered ${EACH}`), fourth.says(`answered ${EACH}`)]);
  expect(simulator.statistics().refused).toEqual({ user: 0, global: 0 });
});
