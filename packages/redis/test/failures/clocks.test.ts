import { expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../sluice/src/index.js';
import { startRedisServer } from '../servers/redis-server.js';
import { untilShared } from './bot.js';
import { BOUND, startFleet, TYPING } from './fleet.js';

const HOUR = 3_600_000;

/** The machine's clock, so many ms ahead. */
function clockAhead(by: number): Clock {
  return {
    now: () => systemClock.now() + by,
    setTimer: (at, callback, options) => systemClock.setTimer(at - by, callback, options),
  };
}

it.concurrent('processes whose clocks are an hour apart share their limits', async () => {
  await using server = await startRedisServer();
  await using fleet = await startFleet({
    redis: { url: server.url },
    client: (bot) => ({ clock: clockAhead(bot * HOUR) }),
  });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(120);
  await load.stop();
  expect(fleet.refused).toBe(0);
  for (const { news } of fleet.bots) expect(news).toEqual(['joined']);
  fleet.expectNothingLost();
});

it.concurrent.each([
  ['ahead', HOUR],
  ['behind', -HOUR],
])(
  'after a fail-over to a server whose clock is an hour %s, nothing is refused and nothing stands still',
  async (_, step) => {
    await using server = await startRedisServer();
    let offset = 0;
    // In place of the clock of the server that has the state at present.
    const now = () => Date.now() + offset;
    const redis = { url: server.url, now };
    await using fleet = await startFleet({ redis });
    const load = fleet.load();
    await untilShared(fleet.bots);
    await load.untilAnswered(60);
    offset = step;
    await load.untilAnswered(60);
    await load.stop();
    expect(fleet.refused).toBe(0);
    for (const { news } of fleet.bots) expect(news).toEqual(['joined']);
    fleet.expectNothingLost();
  },
);

// Nothing tells a clock that was set forward from a fleet that was down for an hour, if the first to ask is a newcomer.
it.concurrent('a newcomer that meets the new clock first costs no more than a window and a second, once', async () => {
  await using server = await startRedisServer();
  let offset = 0;
  const redis = { url: server.url, now: () => Date.now() + offset };
  await using fleet = await startFleet({ redis });
  const load = fleet.load();
  await untilShared(fleet.bots);
  await load.untilAnswered(60);
  offset = HOUR;
  await Promise.all([fleet.add(), fleet.add(), fleet.add()].map((bot) => bot.send(TYPING)));
  await load.untilAnswered(60);
  await load.stop();
  expect(fleet.refused).toBeLessThanOrEqual(BOUND);
  fleet.expectNothingLost();
});
