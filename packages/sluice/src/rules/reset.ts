import type { RateLimitHeaders } from './headers.js';
import type { Duration, LocalInstant, ServerInstant } from './units.js';

/**
 * The precision of the headers, in ms. The true instant may be up to this much later than a header says, and two
 * headers for one instant may differ by as much.
 */
export const HEADER_PRECISION: Duration = 1;

/** When a window resets: bounds on the local clock and, if the server sent it, the instant on the server's clock. */
export interface Reset {
  /** The reset is not earlier than this; `undefined` when only the server's instant is stored. */
  readonly earliest: LocalInstant | undefined;
  /** The reset is not later than this, so waiting for this instant is safe under any network delay. */
  readonly latest: LocalInstant;
  /** The reset on the server's clock, which no network delay affects; `undefined` when the server did not send it. */
  readonly server: ServerInstant | undefined;
}

/** The reset that one response reports, and between which instants the request was in flight. */
interface ResetObservation {
  readonly headers: Pick<RateLimitHeaders, 'resetAfter' | 'reset'>;
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/**
 * Computes the bounds of a reset. `Reset-After` counts from the moment when the server responded, which lies between
 * `sentAt` and `receivedAt`, so the reset lies between the two sums (docs/theory.md, What one response tells).
 */
export function resetOf(observation: ResetObservation): Reset {
  const { headers, sentAt } = observation;
  return {
    earliest: sentAt + headers.resetAfter - HEADER_PRECISION,
    latest: latestReset(observation),
    server: headers.reset,
  };
}

/** The later bound of {@link resetOf}. */
export function latestReset({ headers, receivedAt }: ResetObservation): LocalInstant {
  return receivedAt + headers.resetAfter + HEADER_PRECISION;
}

/** Orders two instants on the server's clock; the result is that of {@link compareResets}. */
export function compareInstants(a: ServerInstant, b: ServerInstant): number {
  const difference = a - b;
  return Math.abs(difference) <= HEADER_PRECISION ? 0 : difference;
}

/**
 * Orders two resets: negative when `a` is earlier, positive when it is later, 0 when both may be one instant. The
 * server's instants decide if both are given, otherwise the local bounds.
 */
export function compareResets(a: Reset, b: Reset): number {
  if (a.server !== undefined && b.server !== undefined) return compareInstants(a.server, b.server);
  if (b.earliest !== undefined && a.latest < b.earliest) return a.latest - b.earliest;
  if (a.earliest !== undefined && a.earliest > b.latest) return a.earliest - b.latest;
  return 0;
}

/** Narrows the bounds of `known` by a later report that {@link compareResets} takes for the same reset. */
export function narrow(known: Reset, reported: Reset): Reset {
  // Without bounds to compare, the report may be of an older reset, which must not bring the known one forward.
  if (known.earliest === undefined && reported.server === undefined) return known;
  return {
    earliest: Math.max(known.earliest ?? Number.NEGATIVE_INFINITY, reported.earliest ?? Number.NEGATIVE_INFINITY),
    latest: Math.min(known.latest, reported.latest),
    server: known.server ?? reported.server,
  };
}
