import { unseenLimitsOf } from './counters.js';
import type { ModelConfig, ModelRequest } from './discord-model.js';
import { type Identity, identify } from './identity.js';
import { RouteTable } from './routes.js';
import type { Limits } from './window.js';

const SECOND = 1000;

/** What the lower bound is computed from. */
export interface OptimumConfig extends ModelConfig {
  /** Milliseconds of a mean round trip. Default 0. */
  readonly rtt?: number;
  /** Unix milliseconds at the start, which decide the age of the messages. Default: the Unix epoch. */
  readonly epoch?: number;
}

interface KeyedLimits {
  readonly key: string;
  readonly limits: Limits;
}

/**
 * The least time in which the requests can all be answered without a refusal: a lower bound, in milliseconds, from the
 * first request's departure to the last answer's arrival.
 *
 * It is what an omniscient client could reach at best: all requests wait at time 0, every counter is idle and known, and
 * every delay is the mean one. It is the largest of the following, plus one mean round trip:
 *
 * - for each fixed counter with n requests: (⌈n / limit⌉ − 1) × period;
 * - for each sliding counter with n requests: (n − limit) × period / limit, at least 0;
 * - for each authentication with n requests under the global limit G: (⌈n / G⌉ − 1) × 1 s.
 *
 * Counters are those of buckets and those that no header shows: sub-limits (by the requests' bodies), shared and hidden
 * limits. Left out are outside uses, faults and bans, which only make the optimum longer, and changes: every limit is
 * taken as its rule is written.
 *
 * Limits that work together can make the true optimum longer, and a run whose jitter happened to be kind can be shorter
 * by at most the jitter. Without requests it is 0.
 */
export function leastTime(config: OptimumConfig, requests: readonly ModelRequest[]): number {
  if (requests.length === 0) return 0;
  const table = new RouteTable(config.routes);
  const counters = new Map<string, { readonly limits: Limits; count: number }>();
  for (const request of requests) {
    const identity = identify(request, table, config.epoch ?? 0);
    for (const { key, limits } of limitsOn(identity, request.body, config.globalLimit)) {
      const counter = counters.get(key) ?? { limits, count: 0 };
      counter.count += 1;
      counters.set(key, counter);
    }
  }
  const times = [...counters.values()].map(({ limits, count }) => counterTime(limits, count));
  return times.reduce((longest, time) => Math.max(longest, time), 0) + (config.rtt ?? 0);
}

/** The counters that a request uses. The best use of the global limit is as if it were cut into fixed seconds. */
function limitsOn(
  { authentication, route, exempt }: Identity,
  body: unknown,
  globalLimit: number | null,
): KeyedLimits[] {
  const used: KeyedLimits[] = [];
  if (!exempt && globalLimit !== null) {
    used.push({ key: `global ${authentication}`, limits: { limit: globalLimit, period: SECOND, window: 'fixed' } });
  }
  if (route === null || route.counter === null) return used;
  const { counter, rule } = route;
  return [...used, { key: counter, limits: rule }, ...unseenLimitsOf({ route, authentication, body })];
}

function counterTime({ window, limit, period }: Limits, count: number): number {
  if (window === 'fixed') return (Math.ceil(count / limit) - 1) * period;
  return (Math.max(0, count - limit) * period) / limit;
}
