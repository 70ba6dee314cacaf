import { Redis } from 'ioredis';
import {
  type RedisServerOptions as PlainOptions,
  RedisServer as PlainRedisServer,
  startOnPort,
} from 'sluice-redis-server';
import type { Certificate } from './tls.js';

export interface RedisServerOptions extends PlainOptions {
  /** The server speaks TLS only. */
  readonly tls?: Certificate;
  /** A user who may save, where `args` ask for a password. Only `stop({ save: true })` needs one. */
  readonly login?: { readonly username?: string; readonly password: string };
}

export interface StopOptions {
  /** Writes the data to `dir` first. Default: false. */
  readonly save?: boolean;
}

/** A server that may speak TLS, and can save before it stops. */
export class RedisServer extends PlainRedisServer {
  override readonly url: string;
  readonly #options: RedisServerOptions;

  constructor(port: number, options: RedisServerOptions) {
    super(port, { ...options, args: settings(port, options) });
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

function settings(port: number, { args = [], tls }: RedisServerOptions): string[] {
  // Without the delay, a replica's first synchronization does not wait for other replicas to join it.
  return [...(tls ? tlsSettings(port, tls) : []), '--repl-diskless-sync-delay', '0', ...args];
}

function tlsSettings(port: number, { certFile, keyFile }: Certificate): string[] {
  const files = ['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile];
  // Port 0 closes the port without TLS.
  return ['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no', ...files];
}

/** Starts a server that writes nothing to disk, unless `args` say so, and waits until it accepts commands. */
export function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startOnPort(options.port, (port) => new RedisServer(port, options));
}
