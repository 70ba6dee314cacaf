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

/** What an answer told, and what it was told to. */
export interface ReportedAnswer {
  readonly known: RateLimitHeaders;
  readonly isRefusal: boolean;
  /** The identity of the route. */
  readonly route: string;
  readonly kind: WindowKind;
  readonly grant: Grant | undefined;
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/** An answer, as the store is told of it. All have the same shape, as there are as many of them as requests. */
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
    // No earlier than so long after the grant as it took here.
    sent: grant && grant.at + Math.max(0, sentAt - grant.receivedAt),
  };
}

/** What is known of a window, as if an answer had just told it; `undefined` when it does not matter any more. */
export function restatedWindow(state: BucketState, now: LocalInstant): Omit<Report, 'age'> | undefined {
  if (!state.isHeard || state.isUnlimited || state.idleAt <= now) return undefined;
  const { limit, left, reset, kind, unit } = state.knowledge;
  const resetAfter = Math.max(0, reset.latest - now);
  const used = kind === 'sliding' ? Math.min(limit, Math.ceil(resetAfter / unit)) : limit - left;
  const remaining = Math.max(0, limit - used);
  return { limit, remaining, resetAfter, route: state.route, reset: reset.server, kind: LETTERS[kind] };
}

/** A window of which the store told, as it is known here. */
export function windowFromReply(
  { kind, limit, left, resetIn, drain, longest, server }: ToldWindow,
  now: LocalInstant,
): Omit<WindowKnowledge, 'heardAt'> {
  const reset = { earliest: undefined, latest: now + resetIn, server };
  const losses = { lost: 0, lastLostAt: Number.NEGATIVE_INFINITY };
  return { kind: KINDS[kind], limit, left, reset, unit: drain / limit, longestReset: longest, ...losses };
}

/** A limit that no header shows, as the store is told of it. */
export function reportOfSubLimit({ fields, count, period, endsAt, used }: SubLimit, now: LocalInstant): ToldSubLimit {
  return { ...(fields && { fields }), count, period, endsIn: endsAt - now, used };
}

/** One of which the store told, as it is known here. */
export function subLimitFromReply(
  { fields, count, period, endsIn, used }: ToldSubLimit,
  now: LocalInstant,
): SubLimitKnowledge {
  return { fields, count, period, endsAt: now + endsIn, used };
}

/** How many of them the sub-limits of each mask concern. */
export function countMasks<T>(all: Iterable<T>, maskOf: (each: T) => number): readonly MaskedCount[] {
  const counts = new Map<number, number>();
  for (const each of all) {
    const mask = maskOf(each);
    counts.set(mask, (counts.get(mask) ?? 0) + 1);
  }
  return [...counts];
}
