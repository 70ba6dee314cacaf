import { type Failure, OUTCOMES, type Outcome, type Refusals, type Run, totalOf } from './measurement.js';
import { median } from './median.js';

/** The summary of the repeated runs of one client through one scenario. */
export interface Summary {
  /** The worst of all runs. */
  readonly outcome: Outcome;
  /** The least of all runs. */
  readonly answered: number;
  /** Of all runs together. */
  readonly failures: readonly Failure[];
  /** The last error line of a run that crashed. */
  readonly crash?: string | undefined;
  /** The median, or `null` when not all runs ended. */
  readonly drainMs: number | null;
  /** The median. */
  readonly cpuMs: number;
  /** The median. */
  readonly peakBytes: number;
  /** The median. */
  readonly startBytes: number;
  /** Of the run with the most. */
  readonly refusals: Refusals;
  /** The most of all runs. */
  readonly invalid: number;
  /** The most of all runs. */
  readonly reordered: number;
}

/** Medians of values that vary by chance; the worst of events that should not happen. */
export function summarize(runs: readonly Run[]): Summary {
  const outcome = worst(runs.map((run) => run.outcome));
  const isOver = outcome === 'complete' || outcome === 'incomplete';
  const crash = runs.find((run) => run.crash !== undefined)?.crash;
  const middle = (of: (run: Run) => number): number => median(runs.map(of));
  const most = (of: (run: Run) => number): number => Math.max(...runs.map(of));
  return {
    outcome,
    answered: Math.min(...runs.map(({ answered }) => answered)),
    failures: joinFailures(runs.flatMap(({ failures }) => failures)),
    ...(crash !== undefined && { crash }),
    drainMs: isOver ? middle(({ drainMs }) => drainMs) : null,
    cpuMs: middle(({ cpuMs }) => cpuMs),
    peakBytes: middle(({ peakBytes }) => peakBytes),
    startBytes: middle(({ startBytes }) => startBytes),
    refusals: mostRefusals(runs),
    invalid: most(({ invalid }) => invalid),
    reordered: most(({ reordered }) => reordered),
  };
}

/** The worst of some outcomes. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  return OUTCOMES.findLast((outcome) => outcomes.includes(outcome)) ?? 'crashed';
}

function mostRefusals(runs: readonly Run[]): Refusals {
  const none: Refusals = { user: 0, global: 0, unseen: 0, banned: 0 };
  return runs.reduce((most, { refusals }) => (totalOf(refusals) > totalOf(most) ? refusals : most), none);
}

/** Joins failures of one kind. */
export function joinFailures(failures: readonly Failure[]): Failure[] {
  const byKind = new Map<string, Failure>();
  for (const failure of failures) {
    const known = byKind.get(failure.kind);
    byKind.set(failure.kind, known ? { ...known, count: known.count + failure.count } : failure);
  }
  return [...byKind.values()];
}
