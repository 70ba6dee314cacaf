import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

// The shell becomes the server, so that its id, signals and end are the server's own. It leaves behind a guard that
// waits for a line: when this process is gone, however it ended, there comes none, and the server has to go too.
const GUARDED =
  '{ read -r _ <&3 || { kill -9 $$; rm -rf "$SCRATCH"; }; } >/dev/null 2>&1 & exec "$@" </dev/null 3<&- 2>&1';

/** Arguments of `sh` for a server that ends with the process at the other end of its file descriptor 3. */
export function guarded(binary: string, args: readonly string[]): string[] {
  return ['-c', GUARDED, 'sh', binary, ...args];
}

export interface Launch {
  readonly binary: string;
  readonly args: readonly string[];
  /** Where it runs and keeps its data. */
  readonly dir: string;
  /** Whether the directory goes when the server is disposed of. */
  readonly isTemporary: boolean;
  /** What it logs once it serves. That line can only be its own, unlike an answer from the port. */
  readonly ready: RegExp;
}

const LOG_LENGTH = 65_536;

/** A running server of Redis or Valkey. */
export class ServerProcess implements AsyncDisposable {
  readonly dir: string;
  readonly #isTemporary: boolean;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #log = '';

  constructor({ binary, args, dir, isTemporary }: Launch) {
    this.dir = dir;
    this.#isTemporary = isTemporary;
    const child = spawn('sh', guarded(binary, args), {
      cwd: dir,
      env: { ...process.env, SCRATCH: isTemporary ? dir : '' },
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    const guard = child.stdio[3] as Writable;
    // The guard may be gone first, as when somebody kills the whole process group.
    guard.on('error', () => {});
    this.#child = child;
    this.#exited = once(child, 'exit').finally(() => guard.end('\n'));
    this.#output.on('data', (chunk) => {
      this.#log = (this.#log + chunk).slice(-LOG_LENGTH);
    });
  }

  /** Resolves when it serves; rejects with what it logged if it ends before. */
  untilReady(ready: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#output.on('data', () => {
        if (ready.test(this.#log)) resolve();
      });
      this.#child.once('close', () => reject(new Error(`The server ended before it was ready:\n${this.#log}`)));
    });
  }

  get #output(): Readable {
    return this.#child.stdout as Readable;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** The end of what it has logged. */
  get log(): string {
    return this.#log;
  }

  /** Lets it shut down in its own way. */
  async stop(): Promise<void> {
    this.resume();
    this.#child.kill('SIGTERM');
    await this.#exited;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  /** Connections stay open, and nothing is answered until `resume()`. */
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
}
