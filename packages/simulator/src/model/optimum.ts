import type { ModelConfig } from './discord-model.js';
import { identify, type RequestLine } from './identity.js';
import { type LimitedRule, RouteTable } from './routes.js';

const SECOND = 1000;

/** What the lower bound is computed from. */
export interface OptimumConfig extends ModelConfig {
  /** Milliseconds of a mean round trip. Default 0. */
  readonly rtt?: number;
  /** Unix milliseconds at the start, which decide the age of the messages. Default: the Unix epoch. */
  readonly epoch?: number;
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
 * Limits that work together can make the true optimum longer, and a run whose jitter happened to be kind can be shorter
 * by at most the jitter. Without requests it is 0.
 */
export function leastTime(config: OptimumConfig, requests: readonly RequestLine[]): number {
  if (requests.length === 0) return 0;
  const table = new RouteTable(config.routes);
  const counters = new Map<string, { readonly rule: LimitedRule; count: number }>();
  const authentications = new Map<string, number>();
  for (const request of requests) {
    const { authentication, route, exempt } = identify(request, table, config.epoch ?? 0);
    if (!exempt) authentications.set(authentication, (authentications.get(authentication) ?? 0) + 1);
    if (route === null || route.counter === null) continue;
    const counter = counters.get(route.counter);
    if (counter === undefined) counters.set(route.counter, { rule: route.rule, count: 1 });
    else counter.count += 1;
  }
  let longest = 0;
  for (const { rule, count } of counters.values()) longest = Math.max(longest, counterTime(rule, count));
  for (const count of authentications.values()) longest = Math.max(longest, globalTime(config.globalLimit, count));
  return longest + (config.rtt ?? 0);
}

function counterTime({ window, limit, period }: LimitedRule, count: number): number {
  if (window === 'fixed') return (Math.ceil(count / limit) - 1) * period;
  return (Math.max(0, count - limit) * period) / limit;
}

function globalTime(globalLimit: number | null, count: number): number {
  return globalLimit === null ? 0 : (Math.ceil(count / globalLimit) - 1) * SECOND;
}
