// What sharing costs in Redis: keys and bytes for each bucket, the state key by processes, bytes on the network and time
// in the script for each exchange. Needs what `npm run build` makes:
//   node packages/redis/test/sizing/measure.mjs
import process from 'node:process';
import { RedisCoordinator } from '@sluice/redis';
import { Redis } from 'ioredis';
import { RESTBucketManager, Route } from 'sluice';
import { ensureRedisServer, startRedisServer } from 'sluice-redis-server';

const AUTHORIZATION = 'Bot a-token';
/** How many requests wait at once while many buckets are filled. */
const AT_ONCE = 500;

/** More than are ever under way at once, so that buckets alone decide; each slot costs the script a step. */
const GLOBAL_LIMIT = 10_000;

const print = (text) => process.stdout.write(`${text}\n`);

/** A process as far as Redis can tell: it has a manager and connections of its own. */
function member(url, globalLimit) {
  const coordinator = new RedisCoordinator({ url });
  const manager = new RESTBucketManager({ coordinator, globalLimit });
  manager.start();
  return {
    manager,
    async close() {
      manager.close();
      await coordinator.close();
    },
  };
}

/** As Discord answers the first message in a channel. */
function answer() {
  return new Headers({
    'x-ratelimit-bucket': '26a3f7f021e87f3ba0089624e2714cd9',
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': '4',
    'x-ratelimit-reset': (Date.now() / 1_000 + 5).toFixed(3),
    'x-ratelimit-reset-after': '5.000',
  });
}

async function request(manager, channel) {
  const route = Route.match('POST', `/channels/${1_000_000_000_000_000_000n + BigInt(channel)}/messages`);
  const permit = await manager.acquire(route, { authorization: AUTHORIZATION });
  permit.complete({ status: 200, headers: answer() });
}

async function requests(manager, from, count) {
  for (let first = from; first < from + count; first += AT_ONCE) {
    const many = Math.min(AT_ONCE, from + count - first);
    await Promise.all(Array.from({ length: many }, (_, index) => request(manager, first + index)));
  }
}

async function keysOf(redis, pattern) {
  const keys = [];
  for await (const found of redis.scanStream({ match: pattern, count: 1_000 })) keys.push(...found);
  return [...new Set(keys)];
}

async function usageOf(redis, keys) {
  const usages = await Promise.all(keys.map((key) => redis.memory('USAGE', key, 'SAMPLES', '0')));
  return usages.reduce((sum, usage) => sum + usage, 0);
}

const field = (info, name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);

async function usedMemory(redis) {
  return field(await redis.info('memory'), 'used_memory');
}

async function settled() {
  await new Promise((resolve) => setTimeout(resolve, 200));
}

/** Keys and bytes by the number of buckets. */
async function measureBuckets(redis, url) {
  print('| buckets | keys | bytes per bucket (MEMORY USAGE) | state + routes | used_memory per bucket |');
  print('| ---: | ---: | ---: | ---: | ---: |');
  for (const count of [1, 1_000, 100_000]) {
    await redis.flushall();
    const before = await usedMemory(redis);
    const { manager, close } = member(url, GLOBAL_LIMIT);
    await requests(manager, 0, count);
    await settled();
    const buckets = await keysOf(redis, '*bucket:*');
    const others = (await keysOf(redis, '*')).filter((key) => !buckets.includes(key) && !key.includes('bucket:'));
    const each = (await usageOf(redis, buckets)) / count;
    const whole = ((await usedMemory(redis)) - before) / count;
    // One bucket is lost in what the connections take.
    const used = count < 1_000 ? '' : whole.toFixed(0);
    const cells = [count, buckets.length + others.length, each.toFixed(0), await usageOf(redis, others), used];
    print(`| ${cells.join(' | ')} |`);
    await close();
  }
}

/** The state of an authentication by the number of processes. */
async function measureProcesses(redis, url) {
  print('\n| processes | state key, bytes (MEMORY USAGE) | connections |');
  print('| ---: | ---: | ---: |');
  for (const count of [1, 8, 50]) {
    await redis.flushall();
    await settled();
    const clients = field(await redis.info('clients'), 'connected_clients');
    const members = Array.from({ length: count }, () => member(url, 50));
    await Promise.all(members.map(({ manager }, place) => request(manager, place)));
    await settled();
    const state = await usageOf(redis, await keysOf(redis, '*:state'));
    const more = field(await redis.info('clients'), 'connected_clients') - clients;
    print(`| ${count} | ${state} | ${more} |`);
    await Promise.all(members.map(({ close }) => close()));
  }
}

async function counters(redis) {
  const info = await redis.info('everything');
  const calls = [...info.matchAll(/^cmdstat_(?:eval|evalsha):calls=(\d+),usec=(\d+)/gm)];
  const sum = (index) => calls.reduce((total, match) => total + Number(match[index]), 0);
  return {
    calls: sum(1),
    time: sum(2),
    input: field(info, 'total_net_input_bytes'),
    output: field(info, 'total_net_output_bytes'),
  };
}

/** What an exchange costs, by how many buckets it speaks of: each asks for one permit and tells one answer. */
async function measureExchanges(redis, url) {
  print(
    '\n| requests at once, each in another bucket | exchanges per request | bytes in | bytes out | µs in the script |',
  );
  print('| ---: | ---: | ---: | ---: | ---: |');
  for (const width of [1, 10, 100]) {
    await redis.flushall();
    const { manager, close } = member(url, GLOBAL_LIMIT);
    await requests(manager, 0, width);
    const rounds = 3;
    await settled();
    // What the reading of the counters costs is taken off.
    const idle = await counters(redis);
    const before = await counters(redis);
    for (let round = 0; round < rounds; round++) {
      await requests(manager, 0, width);
      await settled();
    }
    const after = await counters(redis);
    const calls = after.calls - before.calls;
    const per = (name) => (after[name] - before[name] - (before[name] - idle[name])) / calls;
    const time = (after.time - before.time) / calls;
    const cells = [width, (calls / (rounds * width)).toFixed(2), per('input').toFixed(0), per('output').toFixed(0)];
    print(`| ${[...cells, time.toFixed(0)].join(' | ')} |`);
    await close();
  }
}

ensureRedisServer();
const server = await startRedisServer();
const redis = new Redis(server.url);
try {
  print(`${server.title}, node ${process.version}\n`);
  await measureBuckets(redis, server.url);
  await measureProcesses(redis, server.url);
  await measureExchanges(redis, server.url);
} finally {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
}
