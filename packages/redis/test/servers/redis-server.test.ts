import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, expect, it, vi } from 'vitest';
import { freePort } from './free-port.js';
import { type RedisServer, startRedisServer } from './redis-server.js';
import { serverBinary } from './server-binary.js';
import { guarded } from './server-process.js';
import { TEST_CERTIFICATE } from './tls.js';

/** A client that says at once when it cannot. */
function connect({ url }: RedisServer, options: object = {}): Redis & Disposable {
  const client = new Redis(url, { retryStrategy: null, maxRetriesPerRequest: 0, ...options });
  client.on('error', () => {});
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startRedisServer', () => {
  it('serves at once, and leaves nothing behind', async () => {
    const server = await startRedisServer();
    using client = connect(server);
    expect(await client.ping()).toBe('PONG');
    expect(await client.info('server')).toContain(`process_id:${server.pid}`);
    expect(await client.config('GET', 'save')).toEqual(['save', '']);

    await server[Symbol.asyncDispose]();
    expect([isRunning(server.pid), existsSync(server.dir)]).toEqual([false, false]);
  });

  it('starts many at once, each on a port of its own', async () => {
    const servers = await Promise.all(Array.from({ length: 5 }, () => startRedisServer()));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
  });

  it.each([true, false])('starts again on its port; it was told to save: %s', async (save) => {
    await using first = await startRedisServer();
    using before = connect(first);
    await before.set('key', 'value');
    await first.stop({ save });

    await using second = await startRedisServer({ port: first.port, dir: first.dir });
    using after = connect(second);
    expect([second.port, await after.get('key')]).toEqual([first.port, save ? 'value' : null]);
  });

  it('keeps what a crash leaves, where it was told to write each command', async () => {
    const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
    await using first = await startRedisServer({ args });
    using before = connect(first);
    await before.set('key', 'value');
    await first.kill();

    await using second = await startRedisServer({ port: first.port, dir: first.dir, args });
    using after = connect(second);
    expect(await after.get('key')).toBe('value');
  });

  it('answers nothing while it is paused', async () => {
    await using server = await startRedisServer();
    using client = connect(server);
    await client.ping();
    server.pause();
    const answer = client.ping();
    expect(await Promise.race([answer, sleep(100)])).toBeUndefined();
    server.resume();
    expect(await answer).toBe('PONG');
  });

  it('speaks TLS', async () => {
    await using server = await startRedisServer({ tls: TEST_CERTIFICATE });
    using client = connect(server, { tls: { ca: TEST_CERTIFICATE.ca } });
    expect(await client.ping()).toBe('PONG');

    using distrustful = connect(server);
    const [error] = await once(distrustful, 'error');
    expect(error).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  });

  it('lets in whom its ACL names, and saves with a password', async () => {
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

  it('says why it cannot start', async () => {
    await expect(startRedisServer({ args: ['--maxmemory', 'much'] })).rejects.toThrow(/maxmemory/);
    await using other = await startRedisServer();
    await expect(startRedisServer({ port: other.port })).rejects.toThrow(/already in use/);
  });

  it('says what to install when there is none', async () => {
    vi.stubEnv('PATH', '/nowhere');
    try {
      await expect(startRedisServer()).rejects.toThrow(/^There is no redis-server or valkey-server on PATH: install /);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

it('a server ends with the process that started it, even one that is killed', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'sluice-redis-'));
  const args = guarded(serverBinary(), ['--port', String(await freePort()), '--save', '']);
  const options = {
    cwd: scratch,
    env: { ...process.env, SCRATCH: scratch },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  };
  const script = `const child = require('node:child_process').spawn('sh', ${JSON.stringify(args)}, ${JSON.stringify(options)});
    child.stdout.on('data', (line) => String(line).includes('Ready to accept') && console.log(child.pid));`;
  const parent = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pid = Number(String((await once(parent.stdout, 'data'))[0]));
  expect(isRunning(pid)).toBe(true);

  parent.kill('SIGKILL');
  await vi.waitFor(() => expect([isRunning(pid), existsSync(scratch)]).toEqual([false, false]), { timeout: 5_000 });
});
