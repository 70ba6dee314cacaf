import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { serverBinary } from './server-binary.js';
import { type Launch, ServerProcess } from './server-process.js';
import type { Certificate } from './tls.js';

export interface RedisServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** More of its configuration, as on its command line. */
  readonly args?: readonly string[];
  /** Where its data are. Default: a temporary directory, which goes when the server is disposed of. */
  readonly dir?: string;
  /** Makes it speak TLS, and nothing else. */
  readonly tls?: Certificate;
  /** Who may save, where `args` ask for a password. Only `stop({ save: true })` needs this. */
  readonly login?: { readonly username?: string; readonly password: string };
}

export interface StopOptions {
  /** Writes its data to `dir` first. Default: false. */
  readonly save?: boolean;
}

/** A real server on 127.0.0.1. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  readonly url: string;
  readonly #options: RedisServerOptions;

  constructor(port: number, options: RedisServerOptions, launch: Launch) {
    super(launch);
    this.port = port;
    this.url = `${options.tls ? 'rediss' : 'redis'}://127.0.0.1:${port}`;
    this.#options = options;
  }

  override async stop({ save = false }: StopOptions = {}): Promise<void> {
    if (save) await this.#save();
    await super.stop();
  }

  async #save(): Promise<void> {
    const { tls, login } = this.#options;
    const client = new Redis(this.url, { ...login, ...(tls && { tls: { ca: tls.ca } }) });
    try {
      await client.save();
    } finally {
      client.disconnect();
    }
  }
}

function listening(port: number, tls: Certificate | undefined): string[] {
  if (!tls) return ['--port', String(port)];
  const files = ['--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile, '--tls-ca-cert-file', tls.certFile];
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

function launchOf(port: number, { args = [], dir, tls }: RedisServerOptions): Launch {
  return {
    binary: serverBinary(),
    // Replicas are not kept waiting for others to join their first synchronization.
    args: [...listening(port, tls), '--bind', '127.0.0.1', '--save', '', '--repl-diskless-sync-delay', '0', ...args],
    dir: dir ?? temporaryDirectory(),
    isTemporary: dir === undefined,
    ready: /Ready to accept connections/,
  };
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'sluice-redis-'));
}

/** Starts a server that keeps nothing on disk, unless `args` say so, and waits until it serves. */
export async function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  const port = options.port ?? (await freePort());
  const launch = launchOf(port, options);
  const server = new RedisServer(port, options, launch);
  try {
    await server.untilReady(launch.ready);
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    // Somebody took the port since it was found free.
    if (options.port === undefined && /already in use/.test(server.log)) return startRedisServer(options);
    throw error;
  }
}
