import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { callsBetween } from '../src/command-calls.js';
import { MeasuredRedis } from '../src/measured-redis.js';

it('starts, counts, deletes all keys and ends', async () => {
  await using server = await MeasuredRedis.start();
  const client = new Redis(server.url, { retryStrategy: () => null });
  client.on('error', () => {});
  const before = await server.commandCalls();
  await client.eval('return redis.call("SET", KEYS[1], 1)', 1, 'key');
  expect(callsBetween(before, await server.commandCalls())).toMatchObject({ scripts: 1 });
  await server.flush();
  expect(await client.dbsize()).toBe(0);
  const end = new Promise((resolve) => client.once('end', resolve));
  await server[Symbol.asyncDispose]();
  await end;
  expect(server.title).toMatch(/^(redis|valkey)-server \d/);
});
