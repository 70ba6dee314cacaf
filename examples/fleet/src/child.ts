import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A script of this folder in its own process, which ends with this one. */
export class Child<Report extends { readonly kind: string }> {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(script: string, name: string) {
    this.#name = name;
    this.#child = fork(fileURLToPath(new URL(script, import.meta.url)), {
      // A debugger's flags are only for this process.
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit');
  }

  order(order: object): void {
    // The silence of an ended process is noticed elsewhere.
    this.#child.send(order, () => {});
  }

  onReport(listener: (report: Report) => void): void {
    this.#child.on('message', listener);
  }

  /** @throws Error when the process ends first. */
  next<Kind extends Report['kind']>(kind: Kind): Promise<Extract<Report, { readonly kind: Kind }>> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (report: Report) => {
        if (report.kind === kind) resolve(report as Extract<Report, { readonly kind: Kind }>);
      });
      this.#ended.then(() => reject(new Error(`${this.#name} ended too early: ${this.#ending}`)), reject);
    });
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  get #ending(): string {
    const { exitCode, signalCode } = this.#child;
    return signalCode === null ? `exit code ${exitCode}` : `by ${signalCode}`;
  }
}
