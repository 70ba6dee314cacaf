import { inspect } from 'node:util';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';
import { untilLost, untilShared } from './bot.js';
import { startFleet } from './fleet.js';

const PASSWORD = 'p4ssw0rd-of-the-limiter';
/** What the documentation tells to allow, and no more. */
const COMMANDS =
  '+evalsha +eval +get +set +del +hget +hset +hmget +pexpire +time +publish +subscribe +unsubscribe +info';
const RULES = `on >${PASSWORD} resetkeys ~sluice:* resetchannels &sluice:* -@all ${COMMANDS}`.split(' ');

/** Who may limit, and nothing else. */
async function addLimiter(server: RedisServer, rules: readonly string[] = RULES): Promise<string> {
  const admin = new Redis(server.url);
  await admin.acl('SETUSER', 'limiter', ...rules);
  admin.disconnect();
  return `redis://limiter:${PASSWORD}@127.0.0.1:${server.port}`;
}

it.concurrent('a user with the least rights will do', async () => {
  await using server = await startRedisServer();
  const url = await addLimiter(server);
  await using fleet = await startFleet({ redis: { url } });
  const load = fleet.load();
  await untilShared(fleet.bots);
  const admin = new Redis(server.url);
  await admin.script('FLUSH');
  await load.untilAnswered(60);
  await load.stop();
  const log = (await admin.acl('LOG')) as string[][];
  // Where there are no rights to subcommands (Redis 6), the client may not tell its name, and does without.
  const denied = log.map((entry) => entry[7]).filter((command) => command !== 'client');
  admin.disconnect();
  expect(denied).toEqual([]);
  expect(fleet.refused).toBe(0);
  fleet.expectNothingLost();
});

it.concurrent('without a right, the reason tells which, and no password', async () => {
  await using server = await startRedisServer();
  const url = await addLimiter(server, [...RULES, '-evalsha']);
  await using fleet = await startFleet({ redis: { url }, bots: 1 });
  const load = fleet.load();
  await untilLost(fleet.bots);
  await load.stop();
  const { reasons } = fleet.bots[0] ?? { reasons: [] };
  expect(reasons[0]).toMatch(/NOPERM.*evalsha/);
  expect(reasons.join()).not.toContain(PASSWORD);
});

it.concurrent('no error and no event shows a password that is wrong', async () => {
  await using server = await startRedisServer();
  const url = (await addLimiter(server)).replace(PASSWORD, `${PASSWORD}-wrong`);
  await using fleet = await startFleet({ redis: { url, onUnavailable: 'reject', timeout: 500 }, bots: 1 });
  const load = fleet.load();
  await untilLost(fleet.bots);
  await load.stop();
  const [bot] = fleet.bots;
  expect(bot?.reasons[0]).toMatch(/WRONGPASS/);
  expect(bot?.outcomes.length).toBeGreaterThan(0);
  const told = inspect([bot?.reasons, bot?.outcomes, bot?.coordinator], { depth: 9, showHidden: true });
  expect(told).not.toContain(PASSWORD);
});
