import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { RESTClient, type RESTClientOptions } from '../../../sluice/src/index.js';
import { RedisCoordinator, type RedisCoordinatorOptions } from '../../src/index.js';

/** Longer than anything takes that is not lost, even on a machine that is busy. */
export const PATIENCE = { timeout: 20_000, interval: 20 };

export const TOKEN = 'secret-token';

/** How one request ended. */
export interface Outcome {
  readonly mark: number;
  readonly status: number | undefined;
  readonly error: unknown;
}

export interface BotOptions extends Omit<RESTClientOptions, 'coordinator' | 'token'> {
  readonly redis: RedisCoordinatorOptions;
  readonly baseURL: string;
}

/** Marks are given once in a file, so that the simulator's journal tells all requests apart. */
let marks = 0;

/** What one process of a fleet is: a client with a coordinator and connections of its own. */
export class Bot implements AsyncDisposable {
  readonly coordinator: RedisCoordinator;
  readonly client: RESTClient;
  /** What it was told of its coordinator, in order. */
  readonly news: ('joined' | 'lost')[] = [];
  /** Why the coordinator was lost, each time. */
  readonly reasons: string[] = [];
  /** How its requests have ended. */
  readonly outcomes: Outcome[] = [];
  #underWay = 0;

  constructor({ redis, ...options }: BotOptions) {
    this.coordinator = new RedisCoordinator(redis);
    this.client = new RESTClient({ ...options, token: TOKEN, coordinator: this.coordinator });
    this.client.buckets.on('coordinatorJoined', () => this.news.push('joined'));
    this.client.buckets.on('coordinatorLost', ({ reason }) => {
      this.news.push('lost');
      this.reasons.push(reason);
    });
  }

  get isShared(): boolean {
    return this.news.at(-1) === 'joined';
  }

  /** Requests that have not ended. */
  get underWay(): number {
    return this.#underWay;
  }

  async send(path: string, method = 'GET'): Promise<Outcome> {
    this.#underWay += 1;
    const outcome = await this.#outcomeOf(path, method);
    this.#underWay -= 1;
    this.outcomes.push(outcome);
    return outcome;
  }

  async #outcomeOf(path: string, method: string): Promise<Outcome> {
    const mark = marks++;
    try {
      const response = await this.client.fetch(path, { method, headers: { 'x-simulator-mark': String(mark) } });
      await response.arrayBuffer();
      return { mark, status: response.status, error: undefined };
    } catch (error) {
      return { mark, status: undefined, error };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.coordinator.close();
  }
}

export async function untilShared(bots: readonly Bot[]): Promise<void> {
  await vi.waitFor(() => expect(bots.map(({ isShared }) => isShared)).toEqual(bots.map(() => true)), PATIENCE);
}

/** Waits until each has lost its coordinator once; it may be back by then. */
export async function untilLost(bots: readonly Bot[]): Promise<void> {
  await vi.waitFor(() => expect(bots.map(({ reasons }) => reasons.length)).not.toContain(0), PATIENCE);
}

/** What keeps all bots at their limits: each sends as many requests at a time as there are paths. */
export class Load {
  readonly #bots: readonly Bot[];
  readonly #workers: Promise<void>[];
  #isStopped = false;

  constructor(bots: readonly Bot[], paths: readonly string[]) {
    this.#bots = bots;
    this.#workers = bots.flatMap((bot) => paths.map((path) => this.#work(bot, path)));
  }

  /** Requests that were answered. */
  get answered(): number {
    return this.#bots.flatMap(({ outcomes }) => outcomes.filter(({ status }) => status === 200)).length;
  }

  /** Waits until this many more requests have been answered. */
  async untilAnswered(count: number): Promise<void> {
    const before = this.answered;
    await vi.waitFor(() => expect(this.answered).toBeGreaterThanOrEqual(before + count), PATIENCE);
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await vi.waitFor(
      () => expect(this.#bots.map(({ underWay }) => underWay)).toEqual(this.#bots.map(() => 0)),
      PATIENCE,
    );
    await Promise.all(this.#workers);
  }

  async #work(bot: Bot, path: string): Promise<void> {
    while (!this.#isStopped) {
      const { error } = await bot.send(path);
      if (error !== undefined) await sleep(20);
    }
  }
}
