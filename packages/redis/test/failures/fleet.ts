import { setTimeout as sleep } from 'node:timers/promises';
import { type RouteRule, type Simulator, type SimulatorOptions, startSimulator } from '@sluice/simulator';
import { expect } from 'vitest';
import type { RESTClientOptions } from '../../../sluice/src/index.js';
import type { RedisCoordinatorOptions } from '../../src/index.js';
import { Bot, Load, untilShared } from './bot.js';

export const MESSAGES = '/channels/100000000000000001/messages';
/** Only the global limit holds there. */
export const TYPING = '/channels/100000000000000001/typing';
export const LIMIT = 6;
const GLOBAL_LIMIT = 30;
/** A second of the global limit, and the time of an answer. */
const SETTLED = 1_200;
/** Requests refused at most, each time that processes lose sight of each other or find each other again. */
export const BOUND = LIMIT + GLOBAL_LIMIT;
/** Enough at a time to use up both limits with two bots. */
const PATHS = [...new Array<string>(5).fill(MESSAGES), ...new Array<string>(5).fill(TYPING)];

export function routes(limit: number, period: number, window: 'fixed' | 'sliding' = 'fixed'): RouteRule[] {
  return [
    { methods: ['GET', 'POST'], path: '/channels/{channel}/messages', bucket: 'messages', limit, period, window },
    { methods: ['GET'], path: '/channels/{channel}/typing', bucket: null },
  ];
}

export interface FleetOptions {
  readonly redis: RedisCoordinatorOptions | ((bot: number) => RedisCoordinatorOptions);
  /** Default 2. */
  readonly bots?: number;
  readonly simulator?: SimulatorOptions;
  readonly client?: (bot: number) => RESTClientOptions;
}

/** Several bots with one token, and the simulator to which they send. */
export class Fleet implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly bots: Bot[] = [];
  readonly #options: FleetOptions;

  constructor(simulator: Simulator, options: FleetOptions) {
    this.simulator = simulator;
    this.#options = options;
    for (let bot = 0; bot < (options.bots ?? 2); bot++) this.add();
  }

  /** One more process. */
  add(): Bot {
    const { redis, client } = this.#options;
    const options = typeof redis === 'function' ? redis(this.bots.length) : redis;
    const bot = new Bot({
      globalLimit: GLOBAL_LIMIT,
      ...client?.(this.bots.length),
      redis: options,
      baseURL: `${this.simulator.url}/api/v10`,
    });
    this.bots.push(bot);
    return bot;
  }

  /** Keeps both limits used up. */
  load(): Load {
    return new Load(this.bots, PATHS);
  }

  /** Requests refused so far, by the bucket or by the global limit. */
  get refused(): number {
    const { user, global } = this.simulator.statistics().refused;
    return user + global;
  }

  /** All requests were answered but those with such an error, and each was counted once at most. */
  expectNothingLost(errors: readonly string[] = []): void {
    const outcomes = this.bots.flatMap((bot) => bot.outcomes);
    const failed = outcomes.filter(({ status }) => status !== 200);
    expect(failed.filter(({ error }) => !(error instanceof Error && errors.includes(error.name)))).toEqual([]);
    const admitted = this.simulator.journal.flatMap(({ verdict, mark }) =>
      verdict === 'admitted' && mark !== null ? [mark] : [],
    );
    const answered = outcomes.filter(({ status }) => status === 200).map(({ mark }) => mark);
    expect(admitted.sort(ascending)).toEqual(answered.sort(ascending));
  }

  /** As soon as windows have passed that began before, none is refused. */
  async expectCalm(load: Load): Promise<void> {
    await sleep(SETTLED);
    const started = performance.now();
    await load.untilAnswered(GLOBAL_LIMIT);
    const late = this.simulator.journal.filter(({ time, verdict }) => time > started && verdict !== 'admitted');
    expect(late).toEqual([]);
  }

  /** All share their limits again, and keep them. */
  async expectBack(load: Load): Promise<void> {
    await untilShared(this.bots);
    await this.expectCalm(load);
    expect(this.bots.map(({ isShared }) => isShared)).toEqual(this.bots.map(() => true));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.bots.map((bot) => bot[Symbol.asyncDispose]()));
    await this.simulator.close();
  }
}

const ascending = (a: number, b: number) => a - b;

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const simulator = await startSimulator({
    routes: routes(LIMIT, 500),
    globalLimit: GLOBAL_LIMIT,
    rtt: 30,
    jitter: 20,
    ...options.simulator,
  });
  return new Fleet(simulator, options);
}
