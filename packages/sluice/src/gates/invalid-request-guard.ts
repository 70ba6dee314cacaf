import type { Clock } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/** How invalid requests are limited (docs/theory.md, "Invalid requests, locks and bans"). */
export interface InvalidRequestOptions {
  /**
   * Responses of status 401, 403 or 429 (not of scope shared) in any `period`; `Infinity` only counts. Default 10,000.
   */
  readonly limit?: number;
  /** The time over which they are counted, in ms. Default 600,000. */
  readonly period?: Duration;
  /**
   * The part of `limit`, at least 0 and below 1, that is left unused: for other programs that send from this IP
   * address, and for requests whose response was lost. Default 0.05.
   */
  readonly margin?: number;
  /**
   * What happens to further requests at the limit less the margin: they wait until enough responses are older than
   * `period`, or are rejected with `InvalidRequestLimitError`. Default `hold`.
   */
  readonly onLimit?: 'hold' | 'reject';
}

/** Options of an {@link InvalidRequestGuard} that several managers share. */
export interface InvalidRequestGuardOptions extends InvalidRequestOptions {
  /** The source of time; that of every manager that shares the guard. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
}

/**
 * Keeps one IP address from being banned for invalid requests, and silent while it is banned (docs/theory.md, "Invalid
 * requests"). Give one guard to all managers whose requests leave from one address; a manager without one makes its
 * own.
 *
 * Whatever requests are in flight, and whatever becomes of them, no period sees more than `limit` less `margin` invalid
 * responses to them, except those that were lost.
 */
export interface InvalidRequestGuard {
  readonly limit: number;
  readonly period: Duration;
  readonly margin: number;
  readonly onLimit: 'hold' | 'reject';
  readonly clock: Clock;
  /** Invalid responses of the last period. */
  readonly count: number;
  /** The end of the server's ban of this address, as far as a response showed it; `-Infinity` before the first ban. */
  readonly bannedUntil: LocalInstant;
  /** How long from `now` no request may leave, in ms, for a ban or for the invalid responses of the last period. */
  heldFor(now: LocalInstant): Duration;
}
