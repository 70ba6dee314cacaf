import { thisMachine } from '../machine.js';
import { type Run, totalOf } from './measurement.js';
import { optimaOf } from './optimum.js';
import type { Report, ReportedScenario, Result } from './report.js';
import { runOnce } from './run.js';
import type { Scenario } from './scenario.js';
import { summarize } from './summary.js';
import { versionsOf } from './versions.js';

/** The clients, their scenarios, and the number of runs. */
export interface Plan {
  readonly clients: readonly string[];
  readonly scenarios: readonly Scenario[];
  readonly repeat: number;
  readonly seed: number;
  /** The command line of the run. */
  readonly flags: readonly string[];
}

/** Runs all clients, one at a time, because processes of two runs would slow each other. */
export async function hold(plan: Plan, note: (text: string) => void): Promise<Report> {
  const scenarios: ReportedScenario[] = [];
  const results: Result[] = [];
  for (const scenario of plan.scenarios) {
    scenarios.push(reported(scenario, plan.seed));
    results.push(...(await holdScenario(plan, scenario, note)));
  }
  return {
    format: 'sluice-arena-1',
    date: new Date().toISOString(),
    machine: thisMachine(),
    flags: plan.flags,
    seed: plan.seed,
    repeat: plan.repeat,
    clients: versionsOf(plan.clients),
    scenarios,
    results,
  };
}

/**
 * All clients have their first run before any has its second, so that a slow minute of the machine affects all alike.
 */
async function holdScenario(plan: Plan, scenario: Scenario, note: (text: string) => void): Promise<Result[]> {
  const runs = new Map<string, Run[]>(plan.clients.map((client) => [client, []]));
  for (let round = 1; round <= plan.repeat; round++) {
    for (const [client, done] of runs) {
      const run = await runOnce(client, scenario, plan.seed);
      done.push(run);
      note(`${scenario.name}, ${client}, run ${round} of ${plan.repeat}: ${inWords(run, scenario)}\n`);
    }
  }
  return [...runs].map(([client, done]) => ({ scenario: scenario.name, client, ...summarize(done), runs: done }));
}

function inWords({ outcome, answered, drainMs, refusals }: Run, { requests }: Scenario): string {
  const counts = `${answered} of ${requests.length} answered, ${totalOf(refusals)} × 429`;
  return `${outcome}, ${(drainMs / 1_000).toFixed(2)} s, ${counts}`;
}

function reported(scenario: Scenario, seed: number): ReportedScenario {
  const { name, title, about, unavoidable, deadline, requests } = scenario;
  const { omniscient, reachable } = optimaOf(scenario, seed);
  return {
    name,
    title,
    about,
    unavoidable,
    deadline,
    requests: requests.length,
    omniscientMs: omniscient,
    reachableMs: reachable,
  };
}
