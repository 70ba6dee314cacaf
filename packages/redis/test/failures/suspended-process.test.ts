import { setTimeout as sleep } from 'node:timers/promises';
import { startSimulator } from '@sluice/simulator';
import { expect, it } from 'vitest';
import { startRedisServer } from '../servers/redis-server.js';
import { Load } from './bot.js';
import { Fleet, MESSAGES, routes } from './fleet.js';
import { BotProcess } from './processes.js';

/** The default is 10 s, and a laptop sleeps for hours: a short lease and a pause of twice that prove the same. */
const LEASE = 1_500;
const PAUSE = 2 * LEASE;
const COUNT = 12;

it.skipIf(process.platform === 'win32')(
  'a process that was suspended gives up what it was granted before',
  async () => {
    await using server = await startRedisServer();
    const redis = { url: server.url, lease: LEASE };
    const simulator = await startSimulator({ routes: routes(5, 1_000), rtt: 100 });
    await using fleet = new Fleet(simulator, { redis, bots: 1 });
    const baseURL = `${simulator.url}/api/v10`;
    // Writes leave one after another: most of what it is granted for a window it has not used yet.
    await using sleeper = new BotProcess({ redis, baseURL, path: MESSAGES, method: 'POST', count: COUNT });
    await sleeper.says('joined');
    await sleep(350);
    sleeper.suspend();
    const load = new Load(fleet.bots, new Array<string>(8).fill(MESSAGES));
    await sleep(PAUSE);
    expect(load.answered).toBeGreaterThan(5);
    sleeper.resume();
    await sleeper.says('joined');
    await load.stop();
    await sleeper.says(`answered ${COUNT}`);
    expect(fleet.refused).toBe(0);
    fleet.expectNothingLost();
  },
);
