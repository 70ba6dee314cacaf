import type { RateLimitHeaders } from './headers.js';
import { HEADER_PRECISION } from './reset.js';
import type { ServerInstant } from './units.js';

/** How a window gives its requests back; `unknown` is treated as the stricter of the two. */
export type WindowKind = 'fixed' | 'sliding' | 'unknown';

/** One answer of one route, kept to be compared with the next. */
export interface KindEvidence {
  /** Identity of the route that was answered. */
  readonly route: string;
  readonly remaining: number;
  /** When the window resets, on the server's clock. */
  readonly reset: ServerInstant;
  /** When the server answered, on its own clock. */
  readonly answeredAt: ServerInstant;
}

/** What an answer contributes; nothing when it does not tell the server's own instant. */
export function evidenceOf(route: string, headers: RateLimitHeaders): KindEvidence | undefined {
  const { remaining, reset, resetAfter } = headers;
  if (reset === undefined) return undefined;
  return { route, remaining, reset, answeredAt: reset - resetAfter };
}

/** Whether two answers of one route were given within one window, so that they can be compared. */
function sharesWindow(a: KindEvidence, b: KindEvidence): boolean {
  return a.route === b.route && Math.max(a.answeredAt, b.answeredAt) < Math.min(a.reset, b.reset) - HEADER_PRECISION;
}

/**
 * What two answers prove about their window, by the server's own clock (facts part 3): within one window an equal
 * reset means fixed, a reset that moved means sliding. `undefined`: they prove nothing.
 *
 * Answers of different routes are not compared: two fixed counters behind one hash, whose resets differ, would look
 * like one that slides.
 */
export function inferKind(a: KindEvidence, b: KindEvidence): Exclude<WindowKind, 'unknown'> | undefined {
  if (!sharesWindow(a, b)) return undefined;
  if (Math.abs(a.reset - b.reset) > HEADER_PRECISION) return 'sliding';
  // Headers that do not count down (#8161) prove nothing.
  return a.remaining === b.remaining ? undefined : 'fixed';
}

/** Which of two pieces of evidence to keep: the older as long as its window lasts for another route, else the newer. */
export function keepEvidence(kept: KindEvidence | undefined, next: KindEvidence): KindEvidence {
  if (kept === undefined || kept.route === next.route || next.answeredAt >= kept.reset) return next;
  return kept;
}
