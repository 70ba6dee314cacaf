import { expect, it } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { startTcpProxy } from '../servers/tcp-proxy.js';
import { untilShared } from './bot.js';
import { BOUND, startFleet } from './fleet.js';

const TIMES = 3;

it.concurrent('what Redis granted in an answer that is lost is given up, and nothing waits for it', async () => {
  await using server = await startRedisServer();
  await using proxy = await startTcpProxy(server);
  // Only the first bot's connections are troubled.
  await using fleet = await startFleet({ redis: (bot) => ({ url: bot === 0 ? proxy.url : server.url }) });
  const load = fleet.load();
  await untilShared(fleet.bots);
  for (let time = 0; time < TIMES; time++) {
    await load.untilAnswered(15);
    await proxy.cutReplies({ times: 1 });
    await load.untilAnswered(15);
    await untilShared(fleet.bots);
  }
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.bots[0]?.news).toContain('lost');
  expect(fleet.refused).toBeLessThanOrEqual(TIMES * BOUND);
  fleet.expectNothingLost();
});

it.concurrent('connections that are cut while requests are under way', async () => {
  await using server = await startRedisServer();
  await using proxy = await startTcpProxy(server);
  await using fleet = await startFleet({ redis: { url: proxy.url } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  for (let time = 0; time < TIMES; time++) {
    await load.untilAnswered(15);
    proxy.cut();
    await proxy.restore();
    await load.untilAnswered(15);
    await untilShared(fleet.bots);
  }
  await fleet.expectBack(load);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(TIMES * BOUND);
  fleet.expectNothingLost();
});
