import { setImmediate } from 'node:timers/promises';
import { timeOf, timeRounds } from '../batches.js';
import type { Case, Effort, Group, Table } from '../group.js';
import { shuffled, snowflakes } from '../identifiers.js';
import { SLUICE } from '../peers/contenders.js';
import { AUTHORIZATION, messageRoutes, unlimitedManager } from '../peers/sluice.js';
import { atOnce } from './limiter-cases.js';

const LENGTHS = [1_000, 10_000, 100_000, 1_000_000];

/** The longest queue for libraries that move all waiting requests at each step: longer queues take them minutes. */
const LONGEST_OF_ARRAYS = 100_000;

/** The number of requests that are aborted in a long queue, spread over its whole length. */
const ABORTED = 1_000;

/** A request that waits in a queue until it is aborted. */
type Wait = (signal: AbortSignal) => Promise<unknown>;

/**
 * A queue of one bucket, from the first request to the end of the last, per request: each response comes a microtask
 * after its request has left, and lets the next one leave. Also the abort of requests anywhere in such a queue.
 */
export const queues: Group = {
  name: 'queues',
  about:
    'N requests queue in one bucket and leave one after another; each response takes a microtask. Aborting: 1,000' +
    ' of 100,000 waiting requests, in random order; making the signals is not measured.',
  tables: [
    ...LENGTHS.map(drainTable),
    {
      title: 'aborting one of 100,000 that wait',
      unit: 'ns',
      reference: { who: SLUICE },
      cases: [
        { who: SLUICE, measure: (effort) => timeAborts(effort, sluiceQueue) },
        { who: '@sapphire/async-queue', measure: (effort) => timeAborts(effort, asyncQueue) },
        { who: 'p-queue', measure: (effort) => timeAborts(effort, pQueue) },
        { who: 'floor: a listener that rejects', measure: (effort) => timeAborts(effort, noQueue) },
        // None of these can take a request back.
        ...['eris SequentialBucket', 'oceanic.js SequentialBucket', 'bottleneck'].map(unable),
      ],
    },
  ],
};

function drainTable(length: number): Table {
  const cases = atOnce(length, 1, (who) => who === SLUICE || length <= LONGEST_OF_ARRAYS);
  return { title: `a queue of ${length.toLocaleString('en')}`, unit: 'ns', reference: { who: SLUICE }, cases };
}

function unable(who: string): Case {
  return { who, measure: undefined };
}

async function sluiceQueue(): Promise<Wait> {
  const manager = unlimitedManager();
  const [route] = messageRoutes(snowflakes(1));
  if (route === undefined) throw new Error('There is no route');
  await manager.acquire(route, AUTHORIZATION);
  return (signal) => manager.acquire(route, { ...AUTHORIZATION, signal });
}

async function asyncQueue(): Promise<Wait> {
  const { AsyncQueue } = await import('@sapphire/async-queue');
  const queue = new AsyncQueue();
  await queue.wait();
  return (signal) => queue.wait({ signal });
}

async function pQueue(): Promise<Wait> {
  const { default: PQueue } = await import('p-queue');
  const queue = new PQueue({ concurrency: 1 });
  void queue.add(() => new Promise(() => {}));
  return (signal) => queue.add(async () => {}, { signal });
}

/** The cost of every abort: the event, the error, and the promise that is rejected with it. */
async function noQueue(): Promise<Wait> {
  return (signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
}

function timeAborts(effort: Effort, makeQueue: () => Promise<Wait>): Promise<number> {
  const length = effort.size(LONGEST_OF_ARRAYS);
  const aborted = effort.size(ABORTED);
  return timeRounds(effort, aborted, async () => {
    const wait = await makeQueue();
    let rejected = 0;
    const controllers = Array.from({ length }, () => {
      const controller = new AbortController();
      wait(controller.signal).catch(() => rejected++);
      return controller;
    });
    // Some libraries need a turn of the event loop before a request is in the queue.
    await setImmediate();
    const order = shuffled(length);
    const time = await timeOf(() => {
      for (let index = 0; index < aborted; index++) controllers[order[index] ?? 0]?.abort();
    });
    await setImmediate();
    if (rejected !== aborted) throw new Error(`${rejected} requests of ${aborted} were aborted`);
    return time;
  });
}
