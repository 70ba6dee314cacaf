import type { BucketState } from '../rules/bucket-state.js';
import type { RateLimitHeaders } from '../rules/headers.js';
import type { SubLimit, SubLimitKnowledge } from '../rules/sub-limits.js';
import type { LocalInstant } from '../rules/units.js';
import type { WindowKnowledge } from '../rules/window.js';
import type { WindowKind } from '../rules/window-kind.js';
import type { MaskedCount, Report, ToldSubLimit, ToldWindow } from './coordinator.js';
import type { Grant } from './ledger.js';
import type { DatedReport } from './reports.js';

const LETTERS = { unknown: undefined, fixed: 'f', sliding: 's' } as const;
const KINDS = { u: 'unknown', f: 'fixed', s: 'sliding' } as const;

/** A response, and the request that it answers. */
export interface ReportedAnswer {
  /** Its rate limit headers. */
  readonly known: RateLimitHeaders;
  readonly isRefusal: boolean;
  /** The identity of the route. */
  readonly route: string;
  readonly kind: WindowKind;
  readonly grant: Grant | undefined;
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/** The report of a response. All have the same shape for speed, because each request makes one. */
export function reportOfAnswer({
  known,
  isRefusal,
  route,
  kind,
  grant,
  sentAt,
  receivedAt,
}: ReportedAnswer): DatedReport {
  const { limit, remaining, resetAfter, reset } = known;
  return {
    receivedAt,
    count: undefined,
    limit,
    remaining,
    resetAfter,
    reset,
    route,
    refused: isRefusal || undefined,
    kind: LETTERS[kind],
    // The grant cannot have arrived before it was made, so the request left no earlier than this.
    sent: grant && grant.at + Math.max(0, sentAt - grant.receivedAt),
  };
}

/** The report of a window, as if a response had just shown it; `undefined` when it does not matter any more. */
export function restatedWindow(state: BucketState, now: LocalInstant): Omit<Report, 'age'> | undefined {
  if (!state.isKnown || state.isUnlimited || state.idleAt <= now) return undefined;
  const { limit, left, reset, kind, unit } = state.knowledge;
  const resetAfter = Math.max(0, reset.latest - now);
  const used = kind === 'sliding' ? Math.min(limit, Math.ceil(resetAfter / unit)) : limit - left;
  const remaining = Math.max(0, limit - used);
  return { limit, remaining, resetAfter, route: state.route, reset: reset.server, kind: LETTERS[kind] };
}

/** The window of a reply, by this process's clock. */
export function windowFromReply(
  { kind, limit, left, resetIn, drain, longest, server }: ToldWindow,
  now: LocalInstant,
): Omit<WindowKnowledge, 'knownSince'> {
  const reset = { earliest: undefined, latest: now + resetIn, server };
  const losses = { lost: 0, lastLostAt: Number.NEGATIVE_INFINITY };
  return { kind: KINDS[kind], limit, left, reset, unit: drain / limit, longestReset: longest, ...losses };
}

/** The report of a limit that no header shows. */
export function reportOfSubLimit({ fields, count, period, endsAt, used }: SubLimit, now: LocalInstant): ToldSubLimit {
  return { ...(fields && { fields }), count, period, endsIn: endsAt - now, used };
}

/** A sub-limit of a reply, by this process's clock. */
export function subLimitFromReply(
  { fields, count, period, endsIn, used }: ToldSubLimit,
  now: LocalInstant,
): SubLimitKnowledge {
  return { fields, count, period, endsAt: now + endsIn, used };
}

/** Counts items by their mask of sub-limits. */
export function countMasks<T>(all: Iterable<T>, maskOf: (each: T) => number): readonly MaskedCount[] {
  const counts = new Map<number, number>();
  for (const each of all) {
    const mask = maskOf(each);
    counts.set(mask, (counts.get(mask) ?? 0) + 1);
  }
  return [...counts];
}
