import { type Arrival, leastTime, parseModelConfig, type Statistics } from '@sluice/simulator';
import { Child } from './child.js';
import { loads, PROCESSES } from './load.js';
import type { BotOrder, BotReport, BotState, SimulatorReport } from './messages.js';
import { NETWORK } from './network.js';
import { type Outcome, outcomeOf } from './outcome.js';
import type { ScriptCalls } from './script-calls.js';

/** The Redis through which the processes share their limits. */
export interface SharedRedis {
  readonly url: string;
  /** The beginning of all keys of this run. */
  readonly prefix: string;
  readonly calls: ScriptCalls;
}

/** Receives the progress of a run. */
export interface Watcher {
  progress(states: readonly BotState[]): void;
  note(place: number, text: string): void;
}

/**
 * Lets all processes send their messages to a new simulator. Without Redis, each process knows only its own requests.
 */
export async function runFleet(seconds: number, redis: SharedRedis | undefined, watcher: Watcher): Promise<Outcome> {
  const simulator = new Child<SimulatorReport>('./simulated-discord.js', 'the simulator');
  const bots = Array.from(
    { length: PROCESSES },
    (_, place) => new Child<BotReport>('./bot.js', `process ${place + 1}`),
  );
  try {
    const [{ url }] = await Promise.all([simulator.next('ready'), ...bots.map((bot) => bot.next('ready'))]);
    const before = (await redis?.calls.count()) ?? 0;
    const states = await sendAll(bots, orders(url, seconds, redis), watcher);
    const scriptCalls = ((await redis?.calls.count()) ?? 0) - before;
    const statistics = await ask<Statistics>(url, 'statistics');
    const journal = await ask<readonly Arrival[]>(url, 'journal');
    return outcomeOf({ states, statistics, journal, optimumMs: optimum(seconds), scriptCalls });
  } finally {
    await Promise.all([simulator, ...bots].map((child) => child.stop()));
  }
}

function orders(url: string, seconds: number, redis: SharedRedis | undefined): BotOrder[] {
  const shared = redis && { redis: { url: redis.url, prefix: redis.prefix } };
  return Array.from({ length: PROCESSES }, (_, place) => ({ baseURL: `${url}/api/v10`, place, seconds, ...shared }));
}

/** Starts all bots together; resolves with the last state that each reports. */
function sendAll(
  bots: readonly Child<BotReport>[],
  orders: readonly BotOrder[],
  watcher: Watcher,
): Promise<BotState[]> {
  const states: BotState[] = loads(orders[0]?.seconds ?? 0).map(({ length }) => ({
    requests: length,
    answered: 0,
    longestWait: 0,
    time: 0,
  }));
  for (const [place, bot] of bots.entries()) {
    bot.onReport((report) => {
      if (report.kind === 'note') watcher.note(place, report.text);
      if (report.kind === 'progress' || report.kind === 'done') {
        states[place] = report.state;
        watcher.progress(states);
      }
    });
  }
  const ends = bots.map(async (bot) => (await bot.next('done')).state);
  for (const [place, bot] of bots.entries()) bot.order(orders[place] ?? {});
  return Promise.all(ends);
}

async function ask<T>(url: string, what: 'statistics' | 'journal'): Promise<T> {
  return (await fetch(`${url}/_simulator/${what}`)).json() as Promise<T>;
}

/** The least time for all messages, from the simulator's limits and one round trip. */
function optimum(seconds: number): number {
  const lines = loads(seconds)
    .flat()
    .map(({ path }) => ({ method: 'POST', path, authorization: 'Bot' }));
  return leastTime({ ...parseModelConfig(), rtt: NETWORK.rtt }, lines);
}
