import type { Machine } from '../../machine.js';
import { totalOf } from '../measurement.js';
import { median } from '../median.js';
import type { ReportedScenario } from '../report.js';
import { type Summary, summarize } from '../summary.js';
import type { FleetRun } from './fleet-run.js';

/** The parts of a scenario that tables need. */
export interface ReportedFleetScenario extends ReportedScenario {
  readonly processes: number;
  /** The part of the global limit that the reachable time uses. */
  readonly reachableUse: number;
}

/**
 * The summary of the repeated runs of one client: medians of values that vary by chance, the worst of events that
 * should not happen.
 */
export interface FleetSummary extends Summary {
  /** 429s beyond the unavoidable ones, of the run with the most. */
  readonly avoidable: number;
  /** The drain time of the first process over that of the last: 1 when all were served alike. */
  readonly fairness: number;
  /** The part of the global limit that was used. */
  readonly globalUse: number;
  /** Calls of scripts in Redis, per request. */
  readonly callsPerRequest: number;
}

export interface FleetResult extends FleetSummary {
  readonly scenario: string;
  readonly client: string;
  readonly runs: readonly FleetRun[];
}

/** All measurements: the output of `--json`. */
export interface FleetReport {
  readonly format: 'sluice-fleet-1';
  readonly date: string;
  readonly machine: Machine;
  /** The server through which `sluice-redis` shares its limits. */
  readonly redis: string;
  /** The command line of the run. */
  readonly flags: readonly string[];
  readonly seed: number;
  readonly repeat: number;
  /** Versions by the clients' names, in their order. */
  readonly clients: Readonly<Record<string, string>>;
  readonly scenarios: readonly ReportedFleetScenario[];
  readonly results: readonly FleetResult[];
}

export function summarizeFleet(
  { requests, unavoidable }: Pick<ReportedFleetScenario, 'requests' | 'unavoidable'>,
  runs: readonly FleetRun[],
): FleetSummary {
  const summary = summarize(runs);
  return {
    ...summary,
    avoidable: Math.max(0, totalOf(summary.refusals) - unavoidable),
    fairness: median(runs.map(({ drains }) => fairnessOf(drains))),
    globalUse: median(runs.map(({ globalUse }) => globalUse)),
    callsPerRequest: median(runs.map(({ scriptCalls }) => scriptCalls / requests)),
  };
}

function fairnessOf(drains: readonly number[]): number {
  const last = Math.max(...drains);
  return last === 0 ? 1 : Math.min(...drains) / last;
}
