import { thisMachine } from '../../machine.js';
import { MeasuredRedis } from '../../measured-redis.js';
import { totalOf } from '../measurement.js';
import { versionsOf } from '../versions.js';
import { fleetOptimaOf } from './fleet-optimum.js';
import { type FleetReport, type FleetResult, type ReportedFleetScenario, summarizeFleet } from './fleet-report.js';
import { type FleetRun, GLOBAL_LIMIT, runFleet } from './fleet-run.js';
import type { FleetScenario } from './fleet-scenario.js';
import { globalUseWithin } from './global-use.js';

/** The fleets, their scenarios, and the number of runs. */
export interface FleetPlan {
  readonly clients: readonly string[];
  readonly scenarios: readonly FleetScenario[];
  readonly repeat: number;
  readonly seed: number;
  /** The command line of the run. */
  readonly flags: readonly string[];
}

/** Runs all fleets, one at a time. */
export async function holdFleets(plan: FleetPlan, note: (text: string) => void): Promise<FleetReport> {
  await using redis = await MeasuredRedis.start();
  const scenarios: ReportedFleetScenario[] = [];
  const results: FleetResult[] = [];
  for (const scenario of plan.scenarios) {
    const described = reported(scenario, plan.seed);
    scenarios.push(described);
    for (const [client, runs] of await holdScenario(plan, scenario, redis, note)) {
      results.push({ scenario: scenario.name, client, ...summarizeFleet(described, runs), runs });
    }
  }
  const { flags, seed, repeat, clients } = plan;
  const made = { date: new Date().toISOString(), machine: thisMachine(), redis: redis.title, flags, seed, repeat };
  return { format: 'sluice-fleet-1', ...made, clients: versionsOf(clients), scenarios, results };
}

/**
 * All clients have their first run before any has its second, so that a slow minute of the machine affects all alike.
 */
async function holdScenario(
  { clients, repeat, seed }: FleetPlan,
  scenario: FleetScenario,
  redis: MeasuredRedis,
  note: (text: string) => void,
): Promise<Map<string, FleetRun[]>> {
  const runs = new Map<string, FleetRun[]>(clients.map((client) => [client, []]));
  for (let round = 1; round <= repeat; round++) {
    for (const [client, done] of runs) {
      const run = await runFleet(client, scenario, seed, redis);
      done.push(run);
      note(`${scenario.name}, ${client}, run ${round} of ${repeat}: ${inWords(run)}\n`);
    }
  }
  return runs;
}

function inWords({ outcome, drainMs, answered, refusals }: FleetRun): string {
  return `${outcome}, ${(drainMs / 1_000).toFixed(2)} s, ${answered} answered, ${totalOf(refusals)} × 429`;
}

function reported(scenario: FleetScenario, seed: number): ReportedFleetScenario {
  const { name, title, about, unavoidable, deadline, simulator } = scenario;
  const { omniscient, reachable } = fleetOptimaOf(scenario, seed);
  const requests = scenario.requests.flat().length;
  return {
    name,
    title,
    about,
    unavoidable,
    deadline,
    requests,
    processes: scenario.requests.length,
    omniscientMs: omniscient,
    reachableMs: reachable,
    reachableUse: globalUseWithin(requests, reachable, simulator.rtt ?? 0, GLOBAL_LIMIT),
  };
}
