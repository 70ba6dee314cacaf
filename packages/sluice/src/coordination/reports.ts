import { HEADER_PRECISION } from '../rules/reset.js';
import type { LocalInstant } from '../rules/units.js';
import type { Report } from './coordinator.js';

/** A report that waits for the next exchange: it has the instant in place of the age. */
export interface DatedReport extends Omit<Report, 'age' | 'count'> {
  receivedAt: LocalInstant;
  count?: number | undefined;
}

/** The report of a response with headers. A later one of the same route can say all that it says. */
type Answer = DatedReport & {
  readonly [Field in 'limit' | 'remaining' | 'resetAfter' | 'reset' | 'sent']: NonNullable<DatedReport[Field]>;
};

/** The most reports to keep for one bucket while the store cannot be reached. The newest say the most. */
const MOST_REPORTS = 64;

/**
 * The reports of a process on one bucket, as few as say the same. Of the responses to one route at one limit, the first
 * is kept, which proves the kind of the window together with a later one, and one that stands for all others.
 */
export class Reports {
  #reports: DatedReport[] = [];
  /** Whether the last report is not the first of its series, so that it can stand for more responses. */
  #isInSeries = false;

  get isEmpty(): boolean {
    return this.#reports.length === 0;
  }

  /** Takes a report over. The caller must not use it again. */
  add(report: DatedReport): void {
    const reports = this.#reports;
    const last = reports.at(-1);
    const continues = last !== undefined && isSameSeries(last, report);
    // Thousands may come before the next exchange.
    if (continues && this.#isInSeries) reports[reports.length - 1] = merged(last as Answer, report as Answer);
    else reports.push(report);
    this.#isInSeries = continues;
    if (reports.length >= MOST_REPORTS) this.#keep(folded(reports).slice(-MOST_REPORTS / 2));
  }

  /** Takes out all reports. */
  take(now: LocalInstant): Report[] {
    const taken = folded(this.#reports).map(({ receivedAt, ...report }) => ({ ...report, age: now - receivedAt }));
    this.#keep([]);
    return taken;
  }

  /** Puts back reports that were taken at `takenAt` and that the store did not hear. */
  restore(taken: readonly Report[], takenAt: LocalInstant): void {
    const again = taken.map(({ age, ...report }) => ({ ...report, receivedAt: takenAt - age }));
    this.#keep([...again, ...this.#reports].slice(-MOST_REPORTS));
  }

  #keep(reports: DatedReport[]): void {
    this.#reports = reports;
    this.#isInSeries = false;
  }
}

function folded(reports: readonly DatedReport[]): readonly DatedReport[] {
  if (reports.length < 3) return reports;
  const latest = new Map<string, Answer>();
  const kept: DatedReport[] = [];
  for (const report of reports) {
    if (!isAnswer(report)) {
      kept.push(report);
      continue;
    }
    const key = `${report.limit} ${report.route}`;
    const other = latest.get(key);
    if (other !== undefined) latest.set(key, merged(other, report));
    else if (kept.some((one) => isSameSeries(one, report))) latest.set(key, report);
    else kept.push(report);
  }
  return [...kept, ...latest.values()];
}

/** Whether the report tells of the window, and of nothing else. */
function isAnswer(report: DatedReport): report is Answer {
  const isComplete = report.limit !== undefined && report.reset !== undefined && report.sent !== undefined;
  return isComplete && !report.refused && report.mask === undefined && report.hold === undefined;
}

function isSameSeries(one: DatedReport, other: DatedReport): boolean {
  return one.route === other.route && one.limit === other.limit && isAnswer(one) && isAnswer(other);
}

/** One of two reports, changed to stand for both. */
function merged(a: Answer, b: Answer): Answer {
  const isSame = Math.abs(a.reset - b.reset) <= HEADER_PRECISION;
  const isFirst = isSame ? a.remaining <= b.remaining : a.reset > b.reset;
  const report = isFirst ? a : b;
  // Both bound the same reset from above, so the smaller bound is the better one.
  const bound = Math.min(a.receivedAt + a.resetAfter, b.receivedAt + b.resetAfter);
  report.count = (a.count ?? 1) + (b.count ?? 1);
  if (isSame) report.receivedAt = bound - report.resetAfter;
  return report;
}
