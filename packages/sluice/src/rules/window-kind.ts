import type { RateLimitHeaders } from './headers.js';
import { HEADER_PRECISION } from './reset.js';

/** How a window gives its requests back; `unknown` is treated as the stricter of the two. */
export type WindowKind = 'fixed' | 'sliding' | 'unknown';

/** What one answer tells of its window's kind, in comparison with another. */
export type KindEvidence = Required<Pick<RateLimitHeaders, 'remaining' | 'resetAfter' | 'reset'>>;

/**
 * What two answers of one route prove about their window, by the server's own clock (facts part 3): within one window
 * an equal reset means fixed, a reset that moved means sliding. `undefined`: they prove nothing.
 *
 * Answers of different routes must not be compared: two fixed counters behind one hash, whose resets differ, would look
 * like one that slides.
 */
export function inferKind(a: KindEvidence, b: KindEvidence): Exclude<WindowKind, 'unknown'> | undefined {
  const answeredAt = Math.max(a.reset - a.resetAfter, b.reset - b.resetAfter);
  if (answeredAt >= Math.min(a.reset, b.reset) - HEADER_PRECISION) return undefined;
  if (Math.abs(a.reset - b.reset) > HEADER_PRECISION) return 'sliding';
  // Headers that do not count down (#8161) prove nothing.
  return a.remaining === b.remaining ? undefined : 'fixed';
}
