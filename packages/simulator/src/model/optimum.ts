import { Counter, type CounterPlan } from './counter.js';
import { demandOf } from './demand.js';
import type { ModelConfig, ModelRequest } from './discord-model.js';

const SECOND = 1000;
/** Refusals of one request in a row after which others are taken to leave it no room for ever. */
const PATIENCE = 10_000;

/** What the lower bound is computed from. */
export interface OptimumConfig extends ModelConfig {
  /** Milliseconds of a mean round trip. Default 0. */
  readonly rtt?: number;
  /** Unix milliseconds at the start, which decide the age of the messages. Default: the Unix epoch. */
  readonly epoch?: number;
}

/**
 * The least time in which the requests can all be answered without a refusal, in milliseconds, from the first request's
 * departure to the last answer's arrival.
 *
 * It is what an omniscient client could reach at best: all requests wait at time 0, every counter is known, every delay
 * is the mean one and known, too, so that each request arrives at the very instant at which there is room for it. It is
 * the largest of the following, plus one mean round trip:
 *
 * - for each fixed counter with n requests: (⌈n / limit⌉ − 1) × period;
 * - for each sliding counter with n requests: (n − limit) × period / limit, at least 0;
 * - for each authentication with n requests under the global limit G: (⌈n / G⌉ − 1) × 1 s.
 *
 * Counters are those of buckets and those that no header shows: sub-limits (by the requests' bodies), shared and hidden
 * limits. They begin idle, and what others use (`outside`) and how limits change (`changes`) is played as it would
 * happen from time 0 on, to a client that sends as soon as there is room. Left out are faults and bans, which only make
 * the optimum longer.
 *
 * Limits that work together can make the true optimum longer, and a run whose jitter happened to be kind can be shorter
 * by at most the jitter. Without requests it is 0; it is infinite where others leave no room for ever.
 */
export function leastTime(config: OptimumConfig, requests: readonly ModelRequest[]): number {
  if (requests.length === 0) return 0;
  const { rtt = 0, epoch = 0, globalLimit } = config;
  const oneWay = rtt / 2;
  const { counters, global } = demandOf(config, requests, epoch);
  const arrivals = counters.map(({ plan, uses }) => lastArrival(plan, uses.length, oneWay));
  if (globalLimit !== null) {
    // The best use of the global limit is as if it were cut into fixed seconds.
    const seconds: CounterPlan = {
      limits: { limit: globalLimit, period: SECOND, window: 'fixed' },
      changes: [],
      outside: [],
    };
    arrivals.push(...global.map(({ length }) => lastArrival(seconds, length, oneWay)));
  }
  return arrivals.reduce((last, arrival) => Math.max(last, arrival), oneWay) + oneWay;
}

/** When the last of `count` requests arrives, if the first does at `first` and each comes as soon as there is room. */
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
