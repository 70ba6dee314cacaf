import { DEFAULT_ROUTES, type RouteRule } from '@sluice/simulator';
import { type Optima, optimaOf } from '../optimum.js';
import type { ArenaRequest } from '../scenario.js';
import type { FleetScenario } from './fleet-scenario.js';

/**
 * The best time of a fleet, in ms. The reachable time is the longer of two: the time of all requests, which share their
 * limits and need no order among processes, and the time of a single process, which keeps its own writes in order.
 */
export function fleetOptimaOf(scenario: FleetScenario, seed?: number): Optima {
  const together = optimaOf(withoutOrder(scenario), seed);
  const alone = scenario.requests.map((requests) => optimaOf({ ...scenario, requests }, seed).reachable);
  return { omniscient: together.omniscient, reachable: Math.max(together.reachable, ...alone) };
}

/** All requests as reads of the same counters, because the optimum lets reads leave together and writes one by one. */
function withoutOrder(scenario: FleetScenario) {
  const { simulator, requests } = scenario;
  const routes = (simulator.routes ?? DEFAULT_ROUTES).flatMap(asReads);
  return { ...scenario, simulator: { ...simulator, routes }, requests: requests.flat().map(asRead) };
}

/** One rule for each method of a rule. The method's name at the start of the path keeps them apart. */
function asReads(rule: RouteRule): RouteRule[] {
  return rule.methods.map((method) => ({ ...rule, methods: ['GET'], path: `/${method}${rule.path}` }));
}

function asRead({ method, path, json }: ArenaRequest): ArenaRequest {
  return { method: 'GET', path: `/${method}${path}`, json };
}
