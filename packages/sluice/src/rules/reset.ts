import type { RateLimitHeaders } from './headers.js';
import type { Duration, LocalInstant, ServerInstant } from './units.js';

/**
 * The headers give milliseconds: the true instant may be up to this much later than what was read, and two readings
 * of one instant may differ by as much.
 */
export const HEADER_PRECISION: Duration = 1;

/** When a window resets, as one answer tells it: bounds on the local clock and, if given, the server's own instant. */
export interface Reset {
  /** The reset cannot be earlier than this; `undefined` where only the server's own instant is remembered. */
  readonly earliest: LocalInstant | undefined;
  /** The reset cannot be later than this: waiting for it is safe under any network delay. */
  readonly latest: LocalInstant;
  /** The same instant on the server's clock; no network delay blurs it. */
  readonly server: ServerInstant | undefined;
}

/** What one answer says about a reset, and between which instants it was under way. */
interface ResetObservation {
  readonly headers: Pick<RateLimitHeaders, 'resetAfter' | 'reset'>;
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/**
 * The answer left the server between `sentAt` and `receivedAt`, so what it counts from "now" lies between the two
 * sums. Source: facts part 1 (Reset-After counts from the moment the server answered).
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

/** Orders two instants on the server's clock, as a {@link Reset} is ordered. */
export function compareInstants(a: ServerInstant, b: ServerInstant): number {
  const difference = a - b;
  return Math.abs(difference) <= HEADER_PRECISION ? 0 : difference;
}

/**
 * Orders two resets: negative when `a` is earlier, positive when later, 0 when they are or may be one instant.
 * The server's own instants decide where both are given, the local bounds otherwise.
 */
export function compareResets(a: Reset, b: Reset): number {
  if (a.server !== undefined && b.server !== undefined) return compareInstants(a.server, b.server);
  if (b.earliest !== undefined && a.latest < b.earliest) return a.latest - b.earliest;
  if (a.earliest !== undefined && a.earliest > b.latest) return a.earliest - b.latest;
  return 0;
}

/** The bounds of the instant `known`, after an answer told of what {@link compareResets} takes for the same. */
export function narrow(known: Reset, told: Reset): Reset {
  // Without bounds to compare, it may be an older instant, which must not bring the known one forward.
  if (known.earliest === undefined && told.server === undefined) return known;
  return {
    earliest: Math.max(known.earliest ?? Number.NEGATIVE_INFINITY, told.earliest ?? Number.NEGATIVE_INFINITY),
    latest: Math.min(known.latest, told.latest),
    server: known.server ?? told.server,
  };
}
