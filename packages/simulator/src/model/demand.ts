import type { CounterPlan } from './counter.js';
import { bucketPlan, unseenLimitsOf, unseenPlan } from './counters.js';
import type { ModelConfig, ModelRequest } from './discord-model.js';
import { type Identity, identify } from './identity.js';
import { RouteTable } from './routes.js';
import { isWrite } from './write-methods.js';

/** One request among those that use a counter. */
export interface Use {
  /** Its place among all requests; the first is 0. */
  readonly place: number;
  /**
   * The key of the bucket's counter in which the request must keep its order; `null` for a request without an order.
   */
  readonly order: string | null;
}

/** A counter of a bucket, or of a limit that no header shows, and the requests that use it. */
export interface CounterDemand {
  readonly plan: CounterPlan;
  readonly uses: readonly Use[];
}

/** The limits that a list of requests uses. */
export interface Demand {
  readonly counters: readonly CounterDemand[];
  /** For each authentication, the places of the requests that count towards the global limit. */
  readonly global: readonly (readonly number[])[];
}

/** @param epoch - Unix time at the start, in ms, which decides the age of messages */
export function demandOf(config: ModelConfig, requests: readonly ModelRequest[], epoch: number): Demand {
  const table = new RouteTable(config.routes);
  const counters = new Map<string, { readonly plan: CounterPlan; readonly uses: Use[] }>();
  const global = new Map<string, number[]>();
  for (const [place, request] of requests.entries()) {
    const identity = identify(request, table, epoch);
    if (!identity.exempt) appendTo(global, identity.authentication, place);
    const use = { place, order: orderOf(request.method, identity) };
    for (const { key, plan } of plansFor(identity, request.body)) {
      const counter = counters.get(key);
      if (counter === undefined) counters.set(key, { plan, uses: [use] });
      else counter.uses.push(use);
    }
  }
  return { counters: [...counters.values()], global: [...global.values()] };
}

/** The places of the requests that must keep their order, by the bucket's counter in which they must keep it. */
export function orderedPlaces(uses: readonly Use[]): readonly (readonly number[])[] {
  const lines = new Map<string, number[]>();
  for (const { place, order } of uses) {
    if (order !== null) appendTo(lines, order, place);
  }
  return [...lines.values()];
}

function orderOf(method: string, { route }: Identity): string | null {
  return isWrite(method) ? (route?.counter ?? null) : null;
}

function plansFor({ authentication, route }: Identity, body: unknown): { key: string; plan: CounterPlan }[] {
  if (route === null || route.counter === null) return [];
  const unseen = unseenLimitsOf({ route, authentication, body });
  return [
    { key: route.counter, plan: bucketPlan(route.rule) },
    ...unseen.map((limit) => ({ key: limit.key, plan: unseenPlan(limit) })),
  ];
}

function appendTo(lists: Map<string, number[]>, key: string, place: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [place]);
  else list.push(place);
}
