import type { RateLimitHeaders } from './headers.js';
import type { Duration, LocalInstant, ServerInstant } from './units.js';

/**
 * The headers give milliseconds: the true instant may be up to this much later than what was read, and two readings
 * of one instant may differ by as much.
 */
export const HEADER_PRECISION: Duration = 1;

/** When a window resets, as one answer tells it: bounds on the local clock and, if given, the server's own instant. */
export interface Reset {
  /** The reset cannot be earlier than this. */
  readonly earliest: LocalInstant;
  /** The reset cannot be later than this: waiting for it is safe under any network delay. */
  readonly latest: LocalInstant;
  /** The same instant on the server's clock; no network delay blurs it. */
  readonly server: ServerInstant | undefined;
}

/**
 * The answer left the server between `sentAt` and `receivedAt`, so what it counts from "now" lies between the two
 * sums. Source: facts part 1 (Reset-After counts from the moment the server answered).
 */
export function resetOf(
  headers: Pick<RateLimitHeaders, 'resetAfter' | 'reset'>,
  sentAt: LocalInstant,
  receivedAt: LocalInstant,
): Reset {
  return {
    earliest: sentAt + headers.resetAfter - HEADER_PRECISION,
    latest: receivedAt + headers.resetAfter + HEADER_PRECISION,
    server: headers.reset,
  };
}

/**
 * Orders two resets: negative when `a` is earlier, positive when later, 0 when they are or may be one instant.
 * The server's own instants decide where both are given, the local bounds otherwise.
 */
export function compareResets(a: Reset, b: Reset): number {
  if (a.server !== undefined && b.server !== undefined) {
    const difference = a.server - b.server;
    return Math.abs(difference) <= HEADER_PRECISION ? 0 : difference;
  }
  if (a.latest < b.earliest) return a.latest - b.earliest;
  if (a.earliest > b.latest) return a.earliest - b.latest;
  return 0;
}

/** The bounds of one instant that two answers tell. */
export function narrow(a: Reset, b: Reset): Reset {
  return {
    earliest: Math.max(a.earliest, b.earliest),
    latest: Math.min(a.latest, b.latest),
    server: a.server ?? b.server,
  };
}
