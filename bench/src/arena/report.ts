import type { Machine } from '../machine.js';
import type { Run } from './measurement.js';
import type { Scenario } from './scenario.js';
import type { Summary } from './summary.js';

/** A scenario, as far as tables and charts need it. */
export interface ReportedScenario extends Pick<Scenario, 'name' | 'title' | 'about' | 'unavoidable' | 'deadline'> {
  readonly requests: number;
  /** The least time for a client that knows all limits and delays, in ms. */
  readonly omniscientMs: number;
  /** The least time for a client that does not know how long requests and answers travel, in ms. */
  readonly reachableMs: number;
}

/** One client in one scenario. */
export interface Result extends Summary {
  readonly scenario: string;
  readonly client: string;
  /** What the summary was made of. */
  readonly runs: readonly Run[];
}

/** All that was measured: what `--json` prints and `--from` reads. */
export interface Report {
  readonly format: 'sluice-arena-1';
  readonly date: string;
  readonly machine: Machine;
  /** The command line that made it. */
  readonly flags: readonly string[];
  readonly seed: number;
  readonly repeat: number;
  /** By the clients' names, in their order. */
  readonly clients: Readonly<Record<string, string>>;
  readonly scenarios: readonly ReportedScenario[];
  readonly results: readonly Result[];
}

/** @throws Error that says what to do, when the text is no report. */
export function parseReport(text: string): Report {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Error(`is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if ((document as Partial<Report> | null)?.format === 'sluice-arena-1') return document as Report;
  throw new Error('is no report of this arena: save one with --json');
}

export function resultOf(report: Report, scenario: string, client: string): Result | undefined {
  return report.results.find((result) => result.scenario === scenario && result.client === client);
}
