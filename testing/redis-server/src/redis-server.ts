import { type ServerBinary, serverOnPath } from './server-on-path.js';
import { ServerProcess, startOnPort } from './server-process.js';

export interface RedisServerOptions {
  /** Default: a free port. */
  readonly port?: number;
  /** More settings, as on the server's command line. */
  readonly args?: readonly string[];
  /** The directory of the server's data. Default: a temporary one, deleted when the server is disposed of. */
  readonly dir?: string;
}

/** A Redis or Valkey server on 127.0.0.1, which writes nothing to disk unless its `args` say so. */
export class RedisServer extends ServerProcess {
  readonly port: number;
  readonly url: string;
  /** Name and version, as in "redis-server 7.0.15". */
  readonly title: string;

  constructor(port: number, { args = [], dir }: RedisServerOptions, binary: ServerBinary = serverOnPath()) {
    const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', ...args];
    super({ command: binary.command, args: settings, dir, ready: /Ready to accept connections/ });
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.title = `${binary.command} ${binary.version}`;
  }
}

/**
 * Starts a server on 127.0.0.1 and waits until it accepts commands.
 *
 * @throws Error when no server is installed, or it does not start.
 */
export function startRedisServer(options: RedisServerOptions = {}): Promise<RedisServer> {
  return startOnPort(options.port, (port) => new RedisServer(port, options));
}
