// A Redis of its own for what is measured here: on a free port, without disk, and gone when the process is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { ensureRedisServer } from '../../../../scripts/redis-server.mjs';

/** Its standard input ends with the process that holds it, however that ends; and Redis with it. */
const GUARD = '"$@" & server=$!; exec >/dev/null 2>&1; cat; kill "$server"; wait "$server"';

/** Free at this moment; Redis cannot be told to take one itself. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function untilReady(guard) {
  let last = 'it said nothing';
  for await (const line of createInterface(guard.stdout)) {
    if (line.includes('Ready to accept connections')) return void guard.stdout.resume();
    last = line;
  }
  throw new Error(`redis-server did not start: ${last}`);
}

/** Starts one; `args` are more of its configuration. */
export async function startServer(...args) {
  const { command, version } = ensureRedisServer();
  const port = await freePort();
  const settings = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--dir', tmpdir(), ...args].map(String);
  const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...settings], { stdio: ['pipe', 'pipe', 'inherit'] });
  await untilReady(guard);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    title: `${command} ${version}`,
    async stop() {
      guard.stdin.end();
      await once(guard, 'close');
    },
  };
}
