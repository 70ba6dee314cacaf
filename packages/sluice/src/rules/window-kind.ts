import type { RateLimitHeaders } from './headers.js';
import { HEADER_PRECISION } from './reset.js';

/** How a window gives its requests back. `unknown` is treated as `fixed`, the stricter of the two. */
export type WindowKind = 'fixed' | 'sliding' | 'unknown';

/** The headers of one response that show the kind of its window when they are compared with another response's. */
export type KindEvidence = Required<Pick<RateLimitHeaders, 'remaining' | 'resetAfter' | 'reset'>>;

/**
 * Infers the kind of a window from two responses of one route, by the server's clock (docs/theory.md, Which of the
 * two). Within one window, an equal reset means fixed and a reset that moved means sliding. Returns `undefined` when
 * the responses prove nothing.
 *
 * Responses of different routes must not be compared: two fixed counters behind one hash, whose resets differ, would
 * look like one sliding counter.
 */
export function inferKind(a: KindEvidence, b: KindEvidence): Exclude<WindowKind, 'unknown'> | undefined {
  const respondedAt = Math.max(a.reset - a.resetAfter, b.reset - b.resetAfter);
  if (respondedAt >= Math.min(a.reset, b.reset) - HEADER_PRECISION) return undefined;
  if (Math.abs(a.reset - b.reset) > HEADER_PRECISION) return 'sliding';
  // Headers that do not count down (`discord-api-docs#8161`) prove nothing.
  return a.remaining === b.remaining ? undefined : 'fixed';
}
