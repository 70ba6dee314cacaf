import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { inOrder, readLua } from '../../src/script.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';

/** How many histories each oracle plays. */
export const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 500) };

/**
 * Runs a body of Lua below a file and those that it needs, in a real Redis server for the tests of one file. The body reads its
 * input from `given`, and what it returns comes back, both by way of JSON.
 */
export function luaPlayer<Given, Result>(file: string, body: string): (given: Given) => Promise<Result> {
  const source = [
    ...inOrder(file, readLua).map(readLua),
    'local given = cjson.decode(ARGV[1])',
    `local function play() ${body} end`,
    'return cjson.encode(play())',
  ].join('\n');
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedisServer();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });
  return async (given) => JSON.parse((await redis.eval(source, 0, JSON.stringify(given))) as string) as Result;
}
