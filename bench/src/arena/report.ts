import type { Machine } from '../machine.js';
import type { Run } from './measurement.js';
import type { Scenario } from './scenario.js';
import { type Summary, summarize } from './summary.js';

/** The parts of a scenario that tables and charts need. */
export interface ReportedScenario extends Pick<Scenario, 'name' | 'title' | 'about' | 'unavoidable' | 'deadline'> {
  readonly requests: number;
  /** The least time for a client that knows all limits and delays, in ms. */
  readonly omniscientMs: number;
  /** The least time for a client that does not know the delays of requests and responses, in ms. */
  readonly reachableMs: number;
}

/** One client in one scenario. */
export interface Result extends Summary {
  readonly scenario: string;
  readonly client: string;
  /** The runs behind the summary. */
  readonly runs: readonly Run[];
}

/** All measurements: the output of `--json` and the input of `--from`. */
export interface Report {
  readonly format: 'sluice-arena-1';
  readonly date: string;
  readonly machine: Machine;
  /** The command line of the run. */
  readonly flags: readonly string[];
  readonly seed: number;
  readonly repeat: number;
  /** By the clients' names, in their order. */
  readonly clients: Readonly<Record<string, string>>;
  readonly scenarios: readonly ReportedScenario[];
  readonly results: readonly Result[];
}

/** @throws Error that says what to do, when the text is not a report. */
export function parseReport(text: string): Report {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if ((document as Partial<Report> | null)?.format === 'sluice-arena-1') return document as Report;
  throw new Error('is not a report of this arena: save one with --json');
}

/**
 * Joins two reports of the same scenarios into one: every run counts.
 *
 * @throws Error when their machines, seeds, clients or scenarios differ.
 */
export function joinReports(a: Report, b: Report): Report {
  if (subjectOf(a) !== subjectOf(b)) throw new Error('differs from the first in machine, seed, clients or scenarios');
  const results = a.results.map(({ scenario, client, runs }) => {
    const all = [...runs, ...(resultOf(b, scenario, client)?.runs ?? [])];
    return { scenario, client, ...summarize(all), runs: all };
  });
  return { ...a, repeat: a.repeat + b.repeat, results };
}

/** The parts of a report that must be equal in a join: all but its date and the number of runs. */
function subjectOf({ machine, seed, clients, scenarios }: Report): string {
  return JSON.stringify({ machine, seed, clients, scenarios });
}

export function resultOf(report: Report, scenario: string, client: string): Result | undefined {
  return report.results.find((result) => result.scenario === scenario && result.client === client);
}
