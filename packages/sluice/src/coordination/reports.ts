import { HEADER_PRECISION } from '../rules/reset.js';
import type { LocalInstant } from '../rules/units.js';
import type { Report } from './coordinator.js';

/** A report, and when what it tells was here. */
export type DatedReport = Omit<Report, 'age'> & { readonly receivedAt: LocalInstant };

/** An answer of which a later one of the same route says all that matters. */
type Answer = DatedReport & Required<Pick<DatedReport, 'limit' | 'remaining' | 'resetAfter' | 'reset' | 'sent'>>;

/**
 * The same knowledge in fewer reports: of the answers to one route at one limit, the first, which with a later one proves
 * the kind of the window, and the one that says the most, which stands for all the others.
 */
export function folded(reports: readonly DatedReport[]): DatedReport[] {
  if (reports.length < 3) return [...reports];
  const latest = new Map<string, Answer>();
  const kept: DatedReport[] = [];
  for (const report of reports) {
    if (!isPlain(report)) {
      kept.push(report);
      continue;
    }
    const key = `${report.limit} ${report.route}`;
    const other = latest.get(key);
    if (other !== undefined) latest.set(key, merged(other, report));
    else if (kept.some((one) => one.route === report.route && one.limit === report.limit)) latest.set(key, report);
    else kept.push(report);
  }
  return [...kept, ...latest.values()];
}

function isPlain(report: DatedReport): report is Answer {
  const { limit, reset, sent, refused, mask, hold } = report;
  const isAnswer = limit !== undefined && reset !== undefined && sent !== undefined;
  return isAnswer && refused === undefined && mask === undefined && hold === undefined;
}

function merged(a: Answer, b: Answer): Answer {
  const count = (a.count ?? 1) + (b.count ?? 1);
  if (Math.abs(a.reset - b.reset) > HEADER_PRECISION) return { ...(a.reset > b.reset ? a : b), count };
  const fewest = a.remaining <= b.remaining ? a : b;
  // Of several bounds on one reset, the smallest is the best.
  const bound = Math.min(a.receivedAt + a.resetAfter, b.receivedAt + b.resetAfter);
  return { ...fewest, receivedAt: bound - fewest.resetAfter, count };
}
