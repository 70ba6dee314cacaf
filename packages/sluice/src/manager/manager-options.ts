import type { Concurrency } from '../buckets/concurrency.js';
import type { Clock } from '../clock/clock.js';
import type { WallTime } from '../clock/wall-time.js';
import type { Coordinator } from '../coordination/coordinator.js';
import type { InvalidRequestGuard, InvalidRequestOptions } from '../gates/invalid-request-guard.js';
import type { Duration } from '../rules/units.js';

/** Options of a manager. */
export interface ManagerOptions {
  /** The longest wait for a limit, in ms: a longer one is a `RateLimitTooLongError` at once. Default 300,000. */
  readonly maxRateLimit?: Duration;
  /**
   * Requests per second and authentication (docs/theory.md, "The global limit"); `Infinity` keeps no limit. Default 50.
   */
  readonly globalLimit?: number;
  /** Requests that may wait in one bucket: one more is a `QueueFullError` at once. Default `Infinity`. */
  readonly maxQueueSize?: number;
  /** Which requests of one bucket may be in flight together. Default `writes-in-order`. */
  readonly concurrency?: Concurrency;
  /**
   * How invalid requests (answered 401, 403 or 429) are limited, or the guard that several managers share because they
   * send from one IP address (docs/theory.md, "Invalid requests, locks and bans"). Default: a guard of its own, with
   * its defaults.
   */
  readonly invalidRequests?: InvalidRequestGuard | InvalidRequestOptions;
  /**
   * How long a webhook is locked after a response that it does not exist, in ms; 0 locks none, `Infinity` until it is
   * unlocked. Default 600,000.
   */
  readonly webhookLockDuration?: Duration;
  /**
   * Shares the limits with other processes, as `RedisCoordinator` of `@sluice/redis` does. Default: this process limits
   * alone, and decides at once.
   */
  readonly coordinator?: Coordinator | undefined;
  /** The source of time. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
  /**
   * The current time, in ms since the Unix epoch: only for `snapshot` and `restore`, which measure by it for how long
   * no process ran. Default: the machine's wall clock.
   */
  readonly wallTime?: WallTime;
}
