import { Counter, type CounterPlan } from './counter.js';
import { demandOf } from './demand.js';
import type { ModelConfig, ModelRequest } from './discord-model.js';

const SECOND = 1000;
/** Refusals of one request in a row after which others are assumed to leave it no room for ever. */
const PATIENCE = 10_000;

/** Options of the lower bound. */
export interface OptimumConfig extends ModelConfig {
  /** Mean round trip in ms. Default 0. */
  readonly rtt?: number;
  /** Unix time at the start, in ms, which decides the age of messages. Default: the Unix epoch. */
  readonly epoch?: number;
}

/**
 * The least time in which all requests can be answered without a refusal, in ms, from the departure of the first
 * request to the arrival of the last response.
 *
 * This is the best time of an omniscient client: all requests wait at time 0, and the client knows every counter and
 * every delay. Every delay is the mean delay, so each request arrives at the very instant at which there is room for
 * it. The result is the largest of the following, plus one mean round trip:
 *
 * - for each fixed counter with n requests: (⌈n / limit⌉ − 1) × period;
 * - for each sliding counter with n requests: (n − limit) × period / limit, at least 0;
 * - for each authentication with n requests under the global limit G: (⌈n / G⌉ − 1) × 1 s.
 *
 * Counters are those of buckets and those that no header shows: sub-limits (by the requests' bodies), shared and hidden
 * limits. All start idle. Uses by others (`outside`) and changes of limits (`changes`) are played from time 0 on, for a
 * client that sends as soon as there is room. Faults and bans are left out; they can only make the optimum longer.
 *
 * Limits that act together can make the true optimum longer. A run with lucky jitter can be shorter by at most the
 * jitter. Without requests the result is 0; it is infinite where others leave no room for ever.
 */
export function leastTime(config: OptimumConfig, requests: readonly ModelRequest[]): number {
  if (requests.length === 0) return 0;
  const { rtt = 0, epoch = 0, globalLimit } = config;
  const oneWay = rtt / 2;
  const { counters, global } = demandOf(config, requests, epoch);
  const arrivals = counters.map(({ plan, uses }) => lastArrival(plan, uses.length, oneWay));
  if (globalLimit !== null) {
    // The best use of the global limit is the same as with fixed seconds.
    const seconds: CounterPlan = {
      limits: { limit: globalLimit, period: SECOND, window: 'fixed' },
      changes: [],
      outside: [],
    };
    arrivals.push(...global.map(({ length }) => lastArrival(seconds, length, oneWay)));
  }
  return arrivals.reduce((last, arrival) => Math.max(last, arrival), oneWay) + oneWay;
}

/**
 * The arrival of the last of `count` requests, if the first arrives at `first` and each comes as soon as there is room.
 */
function lastArrival(plan: CounterPlan, count: number, first: number): number {
  const counter = new Counter(plan, 0);
  let now = first;
  for (let sent = 0; sent < count && now < Number.POSITIVE_INFINITY; sent += 1) now = nextArrival(counter, now);
  return now;
}

function nextArrival(counter: Counter, from: number): number {
  let now = from;
  for (let refusals = 0; refusals < PATIENCE; refusals += 1) {
    const { admitted, retryAfter } = counter.hit(now);
    if (admitted) return now;
    now += retryAfter;
  }
  return Number.POSITIVE_INFINITY;
}
