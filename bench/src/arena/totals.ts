import { totalOf } from './measurement.js';
import { median } from './median.js';
import type { Report, ReportedScenario, Result } from './report.js';

/** The totals of a client over all its scenarios. */
export interface Totals {
  readonly answered: number;
  readonly requests: number;
  /** 429s beyond those that no client can avoid. */
  readonly avoidable: number;
  readonly reordered: number;
  /** Scenarios in which not all requests were answered. */
  readonly unfinished: number;
  /** Drain time over the reachable optimum, of the finished scenarios; `null` without any. */
  readonly medianRatio: number | null;
  readonly worstRatio: number | null;
}

/** Sums up the results of one client. */
export function totalsOf(report: Report, client: string): Totals {
  const runs = report.scenarios.flatMap((scenario) => {
    const result = report.results.find((each) => each.scenario === scenario.name && each.client === client);
    return result === undefined ? [] : [{ scenario, result }];
  });
  const sum = (of: (scenario: ReportedScenario, result: Result) => number): number =>
    runs.reduce((total, { scenario, result }) => total + of(scenario, result), 0);
  const ratios = runs.flatMap(({ scenario, result }) =>
    result.outcome === 'complete' && result.drainMs !== null ? [result.drainMs / scenario.reachableMs] : [],
  );
  return {
    answered: sum((_, { answered }) => answered),
    requests: sum(({ requests }) => requests),
    avoidable: sum(({ unavoidable }, { refusals }) => Math.max(0, totalOf(refusals) - unavoidable)),
    reordered: sum((_, { reordered }) => reordered),
    unfinished: runs.length - ratios.length,
    medianRatio: ratios.length === 0 ? null : median(ratios),
    worstRatio: ratios.length === 0 ? null : Math.max(...ratios),
  };
}
