import { Cluster } from 'ioredis';
import { expect, it } from 'vitest';
import { startCluster } from '../servers/cluster.js';
import { untilShared } from './bot.js';
import { startFleet } from './fleet.js';

it.concurrent('two processes share their limits through a Cluster, and hear of each other', async () => {
  await using cluster = await startCluster();
  // Nobody asks of its own accord within the test: whoever waits for another process has to hear from it.
  const lease = 60_000;
  const clientOf = () => new Cluster([...cluster.nodes], { lazyConnect: true });
  await using fleet = await startFleet({ redis: () => ({ client: clientOf(), lease }) });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(120);
  await load.stop();
  expect(fleet.refused).toBe(0);
  for (const { news } of fleet.bots) expect(news).toEqual(['joined']);
  fleet.expectNothingLost();
});
