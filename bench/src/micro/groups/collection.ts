import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RESTBucketManager, Route } from 'sluice';
import { BUCKET_HASH, LIMIT } from '../answers.js';
import { timeOf } from '../batches.js';
import { type Stalls, watchEventLoop } from '../event-loop.js';
import type { Effort, Group } from '../group.js';
import { heapUsed } from '../heap.js';
import { snowflake } from '../identifiers.js';
import { AUTHORIZATION, unlimitedManager } from '../peers/sluice.js';

const BUCKETS = 1_000_000;

/** Long enough for a limit of one millisecond to end, in ms. */
const OVER = 20;

const PASS = 'doGCPass, a million stale buckets';

const WITHOUT_GC = 'in the background, pauses of V8 taken off';

/** The time for which the loop is watched while nothing is collected, in ms. */
const CONTROL = 1_000;

/**
 * A million stale buckets, each used once, are collected: in one go, and in the background, while the event loop is
 * watched. The control watches the same process doing nothing, which shows the machine's own stalls.
 */
export const collection: Group = {
  name: 'collection',
  about:
    'Collecting 1,000,000 stale buckets. In the background (start()), the longest stall is the longest time ' +
    'between two turns of the event loop; it includes pauses of V8’s garbage collector, which the line below ' +
    'subtracts. The control watches as many buckets while nothing is collected.',
  tables: [
    {
      title: 'a whole pass',
      unit: 'ms',
      reference: { who: PASS },
      cases: [
        { who: PASS, measure: timePass },
        { who: 'doGCPass, a million buckets in use', measure: timeIdlePass },
        { who: 'in the background, until all are gone', measure: timeBackground },
        { who: 'floor: deleting a million entries of a Map', measure: timeDeletes },
      ],
    },
    {
      title: 'the longest stall of the event loop',
      unit: 'ms',
      reference: { who: 'in the background' },
      cases: [
        { who: 'in the background', measure: async (effort) => (await watchBackground(effort)).longest },
        { who: WITHOUT_GC, measure: async (effort) => (await watchBackground(effort)).longestWithoutGC },
        { who: 'control: nothing is collected', measure: watchNothing },
      ],
    },
  ],
};

/** A manager with buckets that have been used once, under a limit of a given length in ms. */
async function usedManager(buckets: number, resetAfter: number): Promise<RESTBucketManager> {
  const manager = unlimitedManager();
  const answer = { bucket: BUCKET_HASH, limit: LIMIT, remaining: LIMIT - 1, resetAfter };
  for (let number = 0; number < buckets; number++) {
    const route = Route.match('POST', `/channels/${snowflake(number)}/messages`);
    const permit = await manager.acquire(route, AUTHORIZATION);
    permit.complete(answer);
  }
  // Garbage from making the buckets must not be collected during the measurement.
  heapUsed();
  await sleep(OVER);
  return manager;
}

async function timePass(effort: Effort): Promise<number> {
  const buckets = effort.size(BUCKETS);
  const manager = await usedManager(buckets, 1);
  return timeOf(() => {
    const { dead } = manager.doGCPass(0);
    verifyDead(dead, buckets);
  });
}

async function timeIdlePass(effort: Effort): Promise<number> {
  const buckets = effort.size(BUCKETS);
  const manager = await usedManager(buckets, 3_600_000);
  return timeOf(() => verifyDead(manager.doGCPass(0).active, buckets));
}

/** From the start of the collector to the end of its first pass, in ms. */
async function collectInBackground(manager: RESTBucketManager, buckets: number): Promise<void> {
  const passed = once(manager, 'gcPass');
  manager.start({ pollPeriod: 1, expireAfter: 0 });
  const [{ dead }] = (await passed) as [{ dead: number }];
  manager.close();
  verifyDead(dead, buckets);
}

async function timeBackground(effort: Effort): Promise<number> {
  const buckets = effort.size(BUCKETS);
  const manager = await usedManager(buckets, 1);
  let time = 0;
  // The loop is watched here, too. Otherwise only the collector's own timers would turn it.
  const collected = timeOf(() => collectInBackground(manager, buckets)).then((taken) => {
    time = taken;
  });
  await watchEventLoop(collected);
  return time;
}

async function watchBackground(effort: Effort): Promise<Stalls> {
  const buckets = effort.size(BUCKETS);
  const manager = await usedManager(buckets, 1);
  return watchEventLoop(collectInBackground(manager, buckets));
}

async function watchNothing(effort: Effort): Promise<number> {
  const manager = await usedManager(effort.size(BUCKETS), 1);
  const { longest } = await watchEventLoop(sleep(effort.rounds === 1 ? 1 : CONTROL));
  manager.close();
  return longest;
}

async function timeDeletes(effort: Effort): Promise<number> {
  const map = new Map<string, object>();
  for (let number = 0; number < effort.size(BUCKETS); number++) map.set(snowflake(number), { number });
  heapUsed();
  const time = await timeOf(() => {
    for (const [key, { number }] of map as Map<string, { number: number }>) if (number >= 0) map.delete(key);
  });
  verifyDead(map.size, 0);
  return time;
}

function verifyDead(found: number, expected: number): void {
  if (found !== expected) throw new Error(`The collector has found ${found} of ${expected} buckets`);
}
