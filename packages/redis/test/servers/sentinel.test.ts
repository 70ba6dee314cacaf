import { Redis } from 'ioredis';
import { expect, it, vi } from 'vitest';
import { startRedisServer } from './redis-server.js';
import { startSentinel } from './sentinel.js';

it('a replica takes the place of a primary that was killed, and clients find it', async () => {
  await using primary = await startRedisServer();
  await using replica = await startRedisServer({ args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  await using sentinel = await startSentinel(primary, { name: 'limits', replicas: [replica] });
  expect(await sentinel.primaryPort()).toBe(primary.port);

  const client = new Redis({ sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'limits' });
  client.on('error', () => {});
  try {
    await client.set('key', 'value');
    await client.wait(1, 1_000);
    await primary.kill();
    await vi.waitFor(async () => expect(await sentinel.primaryPort()).toBe(replica.port), { timeout: 10_000 });
    await vi.waitFor(() => client.set('other', 'value'), { timeout: 10_000 });
    expect([client.stream.remotePort, await client.get('key')]).toEqual([replica.port, 'value']);
  } finally {
    client.disconnect();
  }
});
