import { totalOf } from '../measurement.js';
import type { FleetReport, FleetResult } from './fleet-report.js';

/** Sluice with and without shared limits, and a client that is refused. */
export const FLEET_SMOKE_CLIENTS: readonly string[] = ['sluice-redis', 'sluice', 'fetch'];

/** The problems in the results of a smoke run. Times do not count, because CI's machines are slow. */
export function fleetProblems({ results }: FleetReport): string[] {
  return results.flatMap(problemsOf);
}

function problemsOf({ client, outcome, answered, refusals, reordered, callsPerRequest }: FleetResult): string[] {
  if (outcome !== 'complete') return [`${client}: ${outcome} with ${answered} requests answered`];
  const refused = totalOf(refusals);
  if (client === 'fetch') return refused > 0 ? [] : ['fetch: never refused, so the simulator has not limited'];
  if (!client.startsWith('sluice')) return [];
  if (reordered > 0) return [`${client}: ${reordered} requests out of order`];
  if (client === 'sluice') return [];
  if (refused > 0) return [`${client}: ${refused} × 429`];
  return callsPerRequest > 0 ? [] : [`${client}: made no script calls in Redis`];
}
