import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { freePort } from './free-port.js';

// The shell becomes the server, so process id, signals and exit are the server's own. A guard stays behind and waits for
// a line. File descriptor 3 closes without one when this process ends, in whatever way: the guard then kills the server.
const GUARDED =
  '{ read -r _ <&3 || { kill -9 $$; rm -rf "$SCRATCH"; }; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&- 2>&1';

const LOG_LENGTH = 65_536;

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The server's working directory, which holds its data. Default: a temporary one, deleted with the server. */
  readonly dir?: string | undefined;
  /** Written to the directory before the start: contents by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Matches the log line of a server that accepts commands. An answer on the port could come from another server. */
  readonly ready: RegExp;
}

/** A running server of Redis or Valkey, which ends with this process at the latest. */
export class ServerProcess implements AsyncDisposable {
  readonly dir: string;
  readonly #isTemporary: boolean;
  readonly #ready: RegExp;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #log = '';

  constructor({ command, args, dir, files = {}, ready }: Launch) {
    this.dir = dir ?? mkdtempSync(join(tmpdir(), 'sluice-redis-'));
    this.#isTemporary = dir === undefined;
    this.#ready = ready;
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.dir, name), content);
    const child = spawn('sh', ['-c', GUARDED, 'sh', command, ...args], {
      cwd: this.dir,
      env: { ...process.env, SCRATCH: this.#isTemporary ? this.dir : '' },
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    const guard = child.stdio[3] as Writable;
    // The guard may end first, as when a signal goes to the whole process group.
    guard.on('error', () => {});
    this.#child = child;
    this.#exited = once(child, 'exit').finally(() => guard.end('\n'));
    this.#output.on('data', (chunk) => {
      this.#log = (this.#log + chunk).slice(-LOG_LENGTH);
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** The end of the server's log. */
  get log(): string {
    return this.#log;
  }

  /**
   * Resolves when the server accepts commands.
   *
   * @throws Error with the server's log if the server ends before.
   */
  untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.on('data', () => {
        if (this.#ready.test(this.#log)) resolve();
      });
      this.#child.once('close', () => reject(new Error(`The server ended before it was ready:\n${this.#log}`)));
    });
  }

  /** Shuts the server down in an orderly way. */
  async stop(): Promise<void> {
    this.resume();
    this.#child.kill('SIGTERM');
    await this.#exited;
  }

  /** Ends the server as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Suspends the server: connections stay open, and nothing is answered until `resume()`. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#isTemporary) rmSync(this.dir, { recursive: true, force: true });
  }

  get #output(): Readable {
    return this.#child.stdout as Readable;
  }
}

/** Starts the server that `launch` makes for a port, and waits until it is ready. Default port: a free one. */
export async function startOnPort<Server extends ServerProcess>(
  port: number | undefined,
  launch: (port: number) => Server,
): Promise<Server> {
  const server = launch(port ?? (await freePort()));
  try {
    await server.untilReady();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    // Another process took the port after it was found free.
    if (port === undefined && /already in use/.test(server.log)) return startOnPort(port, launch);
    throw error;
  }
}
