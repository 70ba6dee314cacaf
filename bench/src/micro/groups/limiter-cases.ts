import { timeBatches, timeOf, timeRounds } from '../batches.js';
import type { Case, Effort } from '../group.js';
import { shuffled, snowflakes } from '../identifiers.js';
import { BOTTLENECK, CONTENDERS, SLUICE, UNGUARDED } from '../peers/contenders.js';
import type { Contender, MakeLimiter } from '../peers/limiter.js';

/** Operations per batch: long enough for the clock, short enough for many samples. */
const BATCH = 1_000;

/** The most requests or buckets for bottleneck: each of its jobs takes a timer of 1 ms. */
const MOST_OF_BOTTLENECK = 10_000;

/**
 * From this number of buckets on, enough requests may be in flight for the guard against invalid requests to hold some.
 */
const MANY = 9_500;

/** Requests one after another, spread over the buckets in random order. */
export function inSequence(buckets: number): readonly Case[] {
  const isAble = (who: string) => who !== BOTTLENECK || buckets <= MOST_OF_BOTTLENECK;
  return contenders((load) => (effort) => timeSequence(effort, buckets, load), isAble);
}

/** Requests made at once, spread over the buckets, for the limiters that can cope with the number. */
export function atOnce(
  requests: number,
  buckets: number,
  isUpToIt: (who: string) => boolean = () => true,
): readonly Case[] {
  const isAble = (who: string) => isUpToIt(who) && (who !== BOTTLENECK || requests <= MOST_OF_BOTTLENECK);
  const [sluice, ...peers] = CONTENDERS;
  const whom = buckets < MANY || sluice === undefined ? CONTENDERS : [sluice, UNGUARDED, ...peers];
  return contenders((load) => (effort) => timeBurst(effort, requests, buckets, load), isAble, whom);
}

/** The case of Sluice alone. */
export function sluiceOf(cases: readonly Case[]): Case {
  return cases.find(({ who }) => who === SLUICE) as Case;
}

function contenders(
  measure: (load: Contender['load']) => NonNullable<Case['measure']>,
  isAble: (who: string) => boolean,
  whom: readonly Contender[] = CONTENDERS,
): readonly Case[] {
  return whom.map(({ who, load }) => ({ who, measure: isAble(who) ? measure(load) : undefined }));
}

/** Nanoseconds per request, one after another. */
export async function timeSequence(effort: Effort, count: number, load: () => Promise<MakeLimiter>): Promise<number> {
  const buckets = effort.size(count);
  const operations = effort.size(BATCH);
  const limiter = await (await load())(snowflakes(buckets));
  const order = shuffled(buckets);
  // Every bucket is used, and so created, before the measurement.
  await limiter.inSequence(order, 0, buckets);
  let sent = buckets;
  const time = await timeBatches(effort, {
    operations,
    run: () => {
      const from = sent;
      sent += operations;
      return limiter.inSequence(order, from, operations);
    },
  });
  limiter.verify(sent);
  return time;
}

/** Nanoseconds per request of a burst, from its first request to the end of its last. */
async function timeBurst(
  effort: Effort,
  requests: number,
  count: number,
  load: () => Promise<MakeLimiter>,
): Promise<number> {
  const buckets = effort.size(count);
  const operations = effort.size(requests);
  const limiter = await (await load())(snowflakes(buckets));
  const order = shuffled(buckets);
  await Promise.all(Array.from(order, (bucket) => limiter.send(bucket)));
  let sent = buckets;
  const time = await timeRounds(effort, operations, () => {
    sent += operations;
    return timeOf(() =>
      Promise.all(Array.from({ length: operations }, (_, at) => limiter.send(order[at % buckets] ?? 0))),
    );
  });
  limiter.verify(sent);
  return time;
}
