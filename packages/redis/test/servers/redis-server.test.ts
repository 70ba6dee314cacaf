import { once } from 'node:events';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { TEST_CERTIFICATE } from './tls.js';

/** A client that fails at once when it cannot connect. */
function connect({ url }: RedisServer, options: object = {}): Redis & Disposable {
  const client = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0, ...options });
  client.on('error', () => {});
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}

it.each([true, false])('keeps its data over a restart if it is asked to save: %s', async (save) => {
  await using first = await startRedisServer();
  using before = connect(first);
  await before.set('key', 'value');
  await first.stop({ save });

  await using second = await startRedisServer({ port: first.port, dir: first.dir });
  using after = connect(second);
  expect([second.port, await after.get('key')]).toEqual([first.port, save ? 'value' : null]);
});

it('speaks TLS, and only TLS', async () => {
  await using server = await startRedisServer({ tls: TEST_CERTIFICATE });
  using client = connect(server, { tls: { ca: TEST_CERTIFICATE.ca } });
  expect(await client.ping()).toBe('PONG');

  using distrustful = connect(server);
  const [error] = await once(distrustful, 'error');
  expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

it('admits the users of its ACL, and saves with a password', async () => {
  const login = { username: 'admin', password: 'secret' };
  const args = ['--user', 'admin', 'on', '>secret', '~*', '&*', '+@all', '--user', 'default', 'off'];
  await using first = await startRedisServer({ args, login });
  using client = connect(first, login);
  await client.set('key', 'value');
  await first.stop({ save: true });

  await using second = await startRedisServer({ port: first.port, dir: first.dir });
  using after = connect(second);
  expect(await after.get('key')).toBe('value');
});
