import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { type RedisServer, startRedisServer } from '../src/index.js';

/** Sends one command and resolves with the raw reply. */
async function send({ port }: RedisServer, command: string): Promise<string> {
  const socket = createConnection(port, '127.0.0.1');
  socket.write(`${command}\r\n`);
  try {
    return String((await once(socket, 'data'))[0]);
  } finally {
    socket.destroy();
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it('accepts commands at once, and leaves nothing behind', async () => {
  const server = await startRedisServer();
  expect(await send(server, 'PING')).toBe('+PONG\r\n');
  expect(await send(server, 'INFO server')).toContain(`process_id:${server.pid}`);
  expect(await send(server, 'CONFIG GET save')).toBe('*2\r\n$4\r\nsave\r\n$0\r\n\r\n');
  expect(server.title).toMatch(/^(redis|valkey)-server \d+\.\d+/);

  await server[Symbol.asyncDispose]();
  expect([isRunning(server.pid), existsSync(server.dir)]).toEqual([false, false]);
});

it('starts many at once, each on its own port', async () => {
  const servers = await Promise.all(Array.from({ length: 5 }, () => startRedisServer()));
  expect(new Set(servers.map(({ port }) => port)).size).toBe(5);
  await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
});

it('shuts down in an orderly way, and starts again on the same port', async () => {
  await using first = await startRedisServer();
  await send(first, 'SET key value');
  await first.stop();
  expect(first.log).toContain('User requested shutdown');

  await using second = await startRedisServer({ port: first.port, dir: first.dir });
  expect([second.port, await send(second, 'GET key')]).toEqual([first.port, '$-1\r\n']);
});

it('keeps its data over a crash when its settings write each command to disk', async () => {
  const args = ['--appendonly', 'yes', '--appendfsync', 'always'];
  await using first = await startRedisServer({ args });
  await send(first, 'SET key value');
  await first.kill();

  await using second = await startRedisServer({ port: first.port, dir: first.dir, args });
  expect(await send(second, 'GET key')).toBe('$5\r\nvalue\r\n');
});

it('answers nothing while it is suspended', async () => {
  await using server = await startRedisServer();
  server.pause();
  const reply = send(server, 'PING');
  expect(await Promise.race([reply, sleep(100)])).toBeUndefined();
  server.resume();
  expect(await reply).toBe('+PONG\r\n');
});

it('says why it cannot start', async () => {
  await expect(startRedisServer({ args: ['--maxmemory', 'much'] })).rejects.toThrow(/maxmemory/);
  await using other = await startRedisServer();
  await expect(startRedisServer({ port: other.port })).rejects.toThrow(/already in use/);
});

it('says what to install when no server is on PATH', async () => {
  vi.stubEnv('PATH', '/nowhere');
  try {
    await expect(startRedisServer()).rejects.toThrow(/^There is no redis-server or valkey-server on PATH: install /);
  } finally {
    vi.unstubAllEnvs();
  }
});

it('ends with the process that started it, even one that is killed', async () => {
  const module = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const script = `const { startRedisServer } = await import(${JSON.stringify(module)});
    const { pid, dir } = await startRedisServer();
    console.log(JSON.stringify({ pid, dir }));`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { pid, dir } = JSON.parse(String((await once(parent.stdout, 'data'))[0])) as { pid: number; dir: string };
  expect([isRunning(pid), existsSync(dir)]).toEqual([true, true]);

  parent.kill('SIGKILL');
  await vi.waitFor(() => expect([isRunning(pid), existsSync(dir)]).toEqual([false, false]), { timeout: 5_000 });
});
