import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';

let server: RedisServer;
let proxy: TcpProxy;
let client: Redis;
let direct: Redis;

beforeAll(async () => {
  server = await startRedisServer();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  proxy = await startTcpProxy(server);
  client = new Redis(proxy.url, { autoResendUnfulfilledCommands: false, retryStrategy: () => 20 });
  client.on('error', () => {});
  direct = new Redis(server.url);
  await direct.flushall();
  await client.ping();
});

afterEach(async () => {
  client.disconnect();
  direct.disconnect();
  await proxy[Symbol.asyncDispose]();
});

it('passes all on', async () => {
  const value = 'x'.repeat(3_000_000);
  await client.set('key', value);
  expect([await client.get('key'), proxy.connections]).toEqual([value, 1]);
  expect(await client.quit()).toBe('OK');
  await vi.waitFor(() => expect(proxy.connections).toBe(0));
});

it('delays each direction, and not one command after the other', async () => {
  proxy.delay(50);
  const started = performance.now();
  await Promise.all([client.incr('key'), client.incr('key'), client.incr('key')]);
  const passed = performance.now() - started;
  expect(passed).toBeGreaterThan(95);
  expect(passed).toBeLessThan(150);
});

it('keeps the order when the delay becomes shorter', async () => {
  proxy.delay(60);
  const first = client.set('key', 'first');
  // By then, the first is on its way.
  await sleep(20);
  proxy.delay(0);
  await Promise.all([first, client.set('key', 'second')]);
  expect(await direct.get('key')).toBe('second');
});

it('cuts all connections, and refuses new ones until it is restored', async () => {
  const closed = once(client, 'close');
  proxy.cut();
  await closed;
  const [error] = await once(connect(proxy.port, '127.0.0.1'), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });

  await proxy.restore();
  expect(await client.ping()).toBe('PONG');
});

it('cuts the answer to a command that has been executed', async () => {
  const lost = proxy.cutReplies({ times: 1 });
  const closed = once(client, 'close');
  client.incr('key').catch(() => {});
  await lost;
  expect(await direct.get('key')).toBe('1');
  await closed;
  expect(await client.incr('key')).toBe(2);
});

it('cuts all answers until it is restored', async () => {
  const lost = proxy.cutReplies();
  client.incr('key').catch(() => {});
  await lost;
  await once(client, 'close');
  // Now it is what the client says first on its new connection that stays without an answer.
  await once(client, 'close');
  await proxy.restore();
  expect(await client.incr('key')).toBe(2);
});
