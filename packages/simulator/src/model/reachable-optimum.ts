import { createJourneys, type Journey } from '../network-delay.js';
import { drainTime } from './counter-drain.js';
import { type CounterDemand, type Demand, demandOf, orderedPlaces } from './demand.js';
import type { ModelRequest } from './discord-model.js';
import type { OptimumConfig } from './optimum.js';

const SECOND = 1000;
const DEFAULT_DRAWS = 50;
const DEFAULT_SEED = 1;

/** Options of the reachable optimum. */
export interface ReachableConfig extends OptimumConfig {
  /** Spread of the delay in ms: each direction takes rtt / 2 ± jitter / 2, never below 0. Default 0. */
  readonly jitter?: number;
}

/** The draws of the delays. */
export interface ReachableOptions {
  /** The number of draws of all delays, at least 1; the result is their mean. Default 50. */
  readonly draws?: number;
  /** Start of the draws, 0 to 4,294,967,295. Default: the seed of the configuration, or 1. */
  readonly seed?: number;
}

/**
 * The expected least time, in ms, in which all requests can be answered without a refusal by a client that knows every
 * limit, but not the delays of requests and responses, and that keeps its writes in order.
 *
 * Such a client waits longer than the client of `leastTime`:
 *
 * - It learns a reset only from a response, so it knows the reset late, by at least the delay of the quickest response
 *   that told it. The request that leaves then needs its own time to arrive.
 * - A write (POST, PUT, PATCH, DELETE) leaves after the response to the one before in the same bucket. Reads leave
 *   together.
 * - Nothing tells when the server's second begins. So the client has as many slots as the global limit G, and uses each
 *   again one second after the response to its last use.
 *
 * For n reads of one fixed counter, or n requests under the global limit, without jitter the result is (⌈n / limit⌉ −
 * 1) × (period + rtt) + rtt, with a period of 1 s for the global limit.
 *
 * Every draw plays each counter by itself, all its requests together and the writes of each bucket in order, and takes
 * the longest. Limits that act together, and reads that take the places of writes, can make the true optimum longer.
 * Outside uses, changes, faults and bans are treated as in `leastTime`. A request that fails because of a change or of
 * a use by others is sent again. The result is a mean: a single run under jitter may be shorter, by luck, or by taking
 * risks.
 */
export function reachableTime(
  config: ReachableConfig,
  requests: readonly ModelRequest[],
  { draws = DEFAULT_DRAWS, seed = config.seed ?? DEFAULT_SEED }: ReachableOptions = {},
): number {
  if (requests.length === 0) return 0;
  const { rtt = 0, jitter = 0, epoch = 0, globalLimit } = config;
  const demand = demandOf(config, requests, epoch);
  const nextJourney = createJourneys({ rtt, jitter, seed });
  let sum = 0;
  for (let draw = 0; draw < draws; draw += 1) {
    const journeys = requests.map(() => nextJourney());
    sum += longest(demand, globalLimit, journeys);
  }
  return sum / draws;
}

function longest({ counters, global }: Demand, globalLimit: number | null, journeys: readonly Journey[]): number {
  const single = journeys.map(({ there, back }) => there + back);
  const bucketTimes = counters.map((counter) => counterTime(counter, journeys));
  const globalTimes =
    globalLimit === null ? [] : global.map((places) => slotTime(globalLimit, chosen(journeys, places)));
  return [...single, ...bucketTimes, ...globalTimes].reduce((most, time) => Math.max(most, time), 0);
}

function counterTime({ plan, uses }: CounterDemand, journeys: readonly Journey[]): number {
  const all = uses.map(({ place }) => place);
  const together = drainTime(plan, chosen(journeys, all), 'parallel');
  const inOrder = orderedPlaces(uses).map((places) => drainTime(plan, chosen(journeys, places), 'serial'));
  return Math.max(together, ...inOrder);
}

/**
 * The time until all requests are answered that use `slots` slots, each again one second after the response to its last
 * use.
 */
function slotTime(slots: number, journeys: readonly Journey[]): number {
  /** The instants at which slots become free, earliest first. */
  const free: number[] = Array.from({ length: slots }, () => 0);
  let last = 0;
  for (const { there, back } of journeys) {
    const answer = (free.shift() ?? 0) + there + back;
    last = Math.max(last, answer);
    const place = free.findLastIndex((instant) => instant <= answer + SECOND);
    free.splice(place + 1, 0, answer + SECOND);
  }
  return last;
}

function chosen(journeys: readonly Journey[], places: readonly number[]): Journey[] {
  return places.flatMap((place) => journeys[place] ?? []);
}
