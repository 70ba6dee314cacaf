import { timeBatches } from '../batches.js';
import type { Case, Effort } from '../group.js';
import { shuffled, snowflakes } from '../identifiers.js';
import { keep } from '../sink.js';

/** Operations per batch. */
const BATCH = 1_000;

/** Operations that every limiter needs, and some that only a few need: the speed of this machine. */
export const floors: readonly Case[] = [
  { who: 'two nested Map look-ups, the clock, an await', measure: timeLookups },
  { who: 'an await', measure: (effort) => repeatAwaited(effort, () => undefined) },
  { who: 'a promise with resolve, awaited', measure: (effort) => repeatAwaited(effort, promised) },
  { who: 'performance.now()', measure: (effort) => repeat(effort, () => performance.now()) },
  { who: 'a hit in a Map of 1,000 keys', measure: (effort) => timeHits(effort, 1_000) },
  { who: 'a hit in a Map of 200,000 keys', measure: (effort) => timeHits(effort, 200_000) },
  {
    who: 'new AbortController(), and its signal',
    measure: (effort) => repeat(effort, () => new AbortController().signal),
  },
];

function promised(): Promise<void> {
  return new Promise<void>((resolve) => resolve());
}

/** Nanoseconds of an action. */
function repeat(effort: Effort, action: (index: number) => unknown): Promise<number> {
  const operations = effort.size(BATCH);
  let done = 0;
  return timeBatches(effort, {
    operations,
    run: () => {
      for (let index = 0; index < operations; index++) keep(action(done++));
    },
  });
}

/** Nanoseconds of an action whose result is awaited. */
function repeatAwaited(effort: Effort, action: (index: number) => unknown): Promise<number> {
  const operations = effort.size(BATCH);
  let done = 0;
  return timeBatches(effort, {
    operations,
    run: async () => {
      for (let index = 0; index < operations; index++) keep(await action(done++));
    },
  });
}

/** Nanoseconds of finding a key among `size` keys, looked up in random order. */
export function timeHits(effort: Effort, size: number): Promise<number> {
  const keys = snowflakes(effort.size(size));
  const order = shuffled(keys.length);
  const map = new Map(keys.map((key, number) => [key, { number }]));
  return repeat(effort, (index) => map.get(keys[order[index % order.length] as number] as string));
}

function timeLookups(effort: Effort): Promise<number> {
  const route = 'POST /channels/{channel}/messages';
  const keys = snowflakes(effort.size(1));
  const routes = new Map([[route, new Map(keys.map((key) => [key, { at: 0 }]))]]);
  return repeatAwaited(effort, (index) => {
    const bucket = routes.get(route)?.get(keys[index % keys.length] as string);
    if (bucket !== undefined) bucket.at = performance.now();
    return bucket;
  });
}
