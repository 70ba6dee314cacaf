import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastErrorLine } from './arena/failures.js';

/** The length of a process's standard error that is kept: enough for its last error. */
const KEPT_STDERR = 16_384;

const living = new Set<Process<unknown, unknown>>();

/** Kills all processes that still run. A process that no signal reaches ends when its channel closes. */
export function killAll(): void {
  for (const child of living) child.kill();
}

/** A script in its own process, which receives orders and sends reports. */
export class Process<Order, Report> {
  /** The process's name in errors. */
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #stderr = '';

  constructor(script: URL, args: readonly string[] = []) {
    const path = fileURLToPath(script);
    this.#name = [basename(path), ...args].join(' ');
    this.#child = fork(path, [...args], {
      // Flags of this process, such as those of a debugger, do not apply to measured processes.
      execArgv: [],
      // Preserves values that JSON would lose from a simulator's options.
      serialization: 'advanced',
      // Some libraries log to standard output.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    living.add(this);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_STDERR);
    });
    // `close` comes only when standard error has been read to its end.
    this.#exited = once(this.#child, 'close').finally(() => living.delete(this));
  }

  /** The reason of its end, as far as the process told it. */
  get lastWords(): string {
    const { exitCode, signalCode } = this.#child;
    return lastErrorLine(this.#stderr) ?? `ended without a word, with ${signalCode ?? `exit code ${exitCode}`}`;
  }

  order(order: Order & object): void {
    // The silence of an ended process is noticed elsewhere.
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
