import type { Duration, LocalInstant } from './units.js';

/**
 * A limit that no header shows, as measured from the requests that it refused: at most `count` requests with one of
 * these fields per period. Its values change as more requests are sent and refused.
 */
export interface SubLimitView {
  /**
   * Top-level fields of the body, one of which is limited; requests without any of them are not limited. `undefined`
   * when the limit applies to every request of the bucket.
   */
  readonly fields: readonly string[] | undefined;
  /** How many requests a period admits, as far as is known; at least 1. */
  readonly count: number;
  /** Length of a period in ms, as far as is known. */
  readonly period: Duration;
  /**
   * When the current period ends at the latest, in ms on the limiter's monotonic clock. In the past when it is over.
   */
  readonly endsAt: LocalInstant;
  /** How many requests were admitted in the period that ends at `endsAt`. Requests in flight are not included. */
  readonly used: number;
}
