import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';

/** As far from the built file as from its source. */
const PROVISION = new URL('../../../scripts/redis-server.mjs', import.meta.url);

/** Its standard input ends with the process that holds it, however that ends; and Redis with it. */
const GUARD = '"$@" & server=$!; exec >/dev/null 2>&1; cat; kill "$server"; wait "$server"';

const READY = /Ready to accept connections/;

/** A Redis of this run's own. */
export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts Redis on a free port of this machine; it keeps nothing on disk, and ends with this process.
 *
 * @throws Error when there is no `redis-server`, or it does not start.
 */
export async function startRedisServer(): Promise<RedisServer> {
  const { ensureRedisServer } = (await import(PROVISION.href)) as { ensureRedisServer(): { command: string } };
  const { command } = ensureRedisServer();
  const port = await freePort();
  const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...settings(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  await readiness(createInterface(guard.stdout));
  guard.stdout.resume();
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      guard.stdin.end();
      if (guard.exitCode === null) await once(guard, 'close');
    },
  };
}

function settings(port: number): string[] {
  return ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
}

async function readiness(lines: AsyncIterable<string>): Promise<void> {
  let latest = 'it said nothing';
  for await (const line of lines) {
    if (READY.test(line)) return;
    latest = line;
  }
  throw new Error(`redis-server did not start: ${latest}`);
}

/** Free at this moment; Redis cannot be told to take one itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
