import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastErrorLine } from './arena/failures.js';

/** What is kept of a process's standard error: enough for its last words. */
const KEPT_STDERR = 16_384;

const living = new Set<Process<unknown, unknown>>();

/** Ends all processes that still run. Those that cannot be reached any more end when their channel closes. */
export function killAll(): void {
  for (const child of living) child.kill();
}

/** A script in a process of its own, to which orders go and from which reports come. */
export class Process<Order, Report> {
  /** What errors call it. */
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stderr = '';

  constructor(script: URL, args: readonly string[] = []) {
    const path = fileURLToPath(script);
    this.#name = [basename(path), ...args].join(' ');
    this.#child = fork(path, [...args], {
      // Flags of this process, such as those of a debugger, are not for measured ones.
      execArgv: [],
      // Keeps what JSON would lose of a simulator's options.
      serialization: 'advanced',
      // Some libraries log to standard output.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    living.add(this);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
    // `close` comes when standard error has been read to its end, too.
    this.#exited = once(this.#child, 'close').finally(() => living.delete(this));
  }

  /** Why it has ended, as far as it told. */
  get lastWords(): string {
    const { exitCode, signalCode } = this.#child;
    return lastErrorLine(this.#stderr) ?? `ended without a word, with ${signalCode ?? `exit code ${exitCode}`}`;
  }

  order(order: Order & object): void {
    // One that has ended is noticed by its silence.
    this.#child.send(order, () => {});
  }

  onReport(listener: (report: Report) => void): void {
    this.#child.on('message', listener);
  }

  /** @throws Error when the process ends first. */
  async nextReport(): Promise<Report> {
    const controller = new AbortController();
    const message = once(this.#child, 'message', { signal: controller.signal }).then(([report]) => report as Report);
    const exit = this.#exited.then(() => {
      throw new Error(`${this.#name} ended before it answered: ${this.lastWords}`);
    });
    try {
      return await Promise.race([message, exit]);
    } finally {
      controller.abort();
    }
  }

  /** Resolves when the process has ended. */
  async exit(): Promise<void> {
    await this.#exited;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.kill();
    await this.#exited;
  }
}
