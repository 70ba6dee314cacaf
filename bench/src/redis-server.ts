import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { type CommandCalls, parseCommandCalls } from './command-calls.js';

/** As far from the built file as from its source. */
const PROVISION = new URL('../../scripts/redis-server.mjs', import.meta.url);

/** Its standard input ends with the process that holds it, however that ends; and Redis with it. */
const GUARD = '"$@" & server=$!; exec >/dev/null 2>&1; cat; kill "$server"; wait "$server"';

const READY = /Ready to accept connections/;

/** What `scripts/redis-server.mjs` has found or installed. */
interface Provision {
  readonly command: string;
  readonly version: string;
}

/** A Redis of its own on a free port of this machine, which keeps nothing. */
export class RedisServer {
  readonly url: string;
  /** Its name and version. */
  readonly title: string;
  readonly #guard: ChildProcess;
  readonly #client: Redis;

  private constructor(url: string, title: string, guard: ChildProcess) {
    this.url = url;
    this.title = title;
    this.#guard = guard;
    this.#client = new Redis(url);
  }

  /** @throws Error when there is no `redis-server`, or it does not start. */
  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const { command, version } = await provide();
    const guard = spawn('sh', ['-c', GUARD, 'sh', command, ...settings(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    await readiness(guard);
    return new RedisServer(`redis://127.0.0.1:${port}`, `${command} ${version}`, guard);
  }

  /** How often each command was called since the start. */
  async commandCalls(): Promise<CommandCalls> {
    return parseCommandCalls(await this.#client.info('commandstats'));
  }

  /** The time of its processor that it has used since the start, in µs. */
  async processorTime(): Promise<number> {
    const info = await this.#client.info('cpu');
    const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)].map(([, value]) => Number(value));
    return seconds.reduce((sum, each) => sum + each, 0) * 1e6;
  }

  /** Forgets all keys. */
  async flush(): Promise<void> {
    await this.#client.flushall();
  }

  async stop(): Promise<void> {
    this.#client.disconnect();
    const end = once(this.#guard, 'close');
    this.#guard.stdin?.end();
    await end;
  }
}

function settings(port: number): string[] {
  const text = `--port ${port} --bind 127.0.0.1 --appendonly no --daemonize no`;
  return [...text.split(' '), '--save', '', '--dir', tmpdir()];
}

async function provide(): Promise<Provision> {
  const { ensureRedisServer } = (await import(PROVISION.href)) as { ensureRedisServer(): Provision };
  return ensureRedisServer();
}

async function readiness(guard: ChildProcess): Promise<void> {
  if (guard.stdout === null) throw new Error('The output of redis-server cannot be read');
  const said: string[] = [];
  const lines = createInterface(guard.stdout);
  for await (const line of lines) {
    said.push(line);
    if (READY.test(line)) return void guard.stdout.resume();
  }
  throw new Error(`redis-server did not start: ${said.at(-1) ?? 'is it installed?'}`);
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
