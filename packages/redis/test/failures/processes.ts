import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, vi } from 'vitest';
import type { RedisCoordinatorOptions } from '../../src/index.js';
import { PATIENCE } from './bot.js';

export interface BotTask {
  readonly redis: RedisCoordinatorOptions;
  readonly baseURL: string;
  readonly path: string;
  /** Default GET. */
  readonly method?: string;
  /** Requests, all at once. */
  readonly count: number;
  /** Whether it never sends what it was permitted to send. */
  readonly hold?: boolean;
}

/** A bot in a process of its own; see process.mjs. */
export class BotProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  #output = '';
  #errors = '';

  constructor(task: BotTask) {
    const script = fileURLToPath(new URL('./process.mjs', import.meta.url));
    this.#child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.on('data', (chunk) => {
      this.#output += chunk;
    });
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors += chunk;
    });
  }

  /** What it has said so far. */
  get lines(): readonly string[] {
    return this.#output.split('\n').slice(0, -1);
  }

  /** Waits until it says so. */
  async says(line: string): Promise<void> {
    await vi.waitFor(() => expect([this.#errors, ...this.lines]).toContain(line), PATIENCE);
  }

  suspend(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
