import {
  type FleetReport,
  type FleetResult,
  type ReportedFleetScenario,
  summarizeFleet,
} from '../../../src/arena/fleet/fleet-report.js';
import type { FleetRun } from '../../../src/arena/fleet/fleet-run.js';
import { report, run, scenario } from '../samples.js';

/** A run without failures, except for the given values. */
export function fleetRun(differences: Partial<FleetRun> = {}): FleetRun {
  return { ...run(), drains: [1_500, 2_000], globalUse: 0.9, scriptCalls: 5, ...differences };
}

export function fleetScenario(): ReportedFleetScenario {
  return { ...scenario('burst'), processes: 2, reachableUse: 0.95 };
}

export function fleetResult(client: string, differences: Partial<FleetRun> = {}): FleetResult {
  const runs = [fleetRun(differences)];
  return { scenario: 'burst', client, ...summarizeFleet(fleetScenario(), runs), runs };
}

export function fleetReport(results: readonly FleetResult[]): FleetReport {
  const { date, machine, flags, seed, repeat } = report();
  const clients = Object.fromEntries(results.map(({ client }) => [client, '0.1.0']));
  const made = { date, machine, redis: 'redis-server 7.0.15', flags, seed, repeat, clients };
  return { format: 'sluice-fleet-1', ...made, scenarios: [fleetScenario()], results };
}
