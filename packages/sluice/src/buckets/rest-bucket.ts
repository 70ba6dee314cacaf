import type { Clock } from '../clock/clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { LimitsSource } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { SubLimitView } from '../rules/sub-limit-view.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { WindowKind } from '../rules/window-kind.js';
import type { Concurrency } from './concurrency.js';

/** Options of {@link RESTBucket.acquire}. */
export interface AcquireOptions {
  /** Ends the wait: the promise rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Requests of higher priority leave first, within their bucket and under the global limit. A whole number; default 0.
   */
  readonly priority?: number | undefined;
  /** Which requests of the bucket may be in flight together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
  /**
   * The body: an object, JSON text, or a form with `payload_json`. Only the names of its top-level fields are read, as
   * some fields have limits of their own.
   */
  readonly body?: unknown;
}

/** Options of a bucket without a manager. */
export interface RESTBucketOptions {
  readonly name: string;
  readonly route: CompiledRoute;
  /** The longest wait for a limit, in ms; a longer one is an error at once. Default 300,000. */
  readonly maxRateLimit?: Duration;
  /** The source of time. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
}

/** A limit, as a response or the caller states it. */
export interface RateLimitUpdate {
  readonly remaining: number;
  readonly limit: number;
  /** When the window is full again, on the bucket's monotonic clock, in ms. */
  readonly resetAt: LocalInstant;
}

/**
 * Why a permit ends without a response.
 *
 * - `unsent`: the request never left (connection refused, name not resolved). Its slot is free at once. - `lost`: the
 * request left, and the connection ended without a response (reset, timeout). The server has counted it by   now, or
 * never will. - `abandoned`: the caller gave the request up in flight; it may yet arrive within {@link
 * ABANDONED_GRACE}.
 */
export type CancelReason = 'unsent' | 'lost' | 'abandoned';

/** How long after its caller gave it up a request may still reach the server, in ms. */
export const ABANDONED_GRACE: Duration = 2_000;

/** How a request is sent again. */
export interface RepeatOptions {
  /** The wait before the request is sent again, in ms. Default 0. */
  readonly delay?: Duration | undefined;
  /** Ends the wait: the promise rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The right to send one request, held from then until its response. A permit ends exactly once: completed, cancelled or
 * disposed; each gives its slot back.
 */
export interface Permit extends Disposable, AsyncDisposable {
  /** The bucket in which the request counts; another one once responses show that the route belongs elsewhere. */
  readonly bucket: RESTBucket;
  /** Whether the permit was completed, cancelled or disposed. */
  readonly isEnded: boolean;
  /**
   * Ends the permit with the response. Call it as soon as the headers have arrived, and for a 429 the body, too.
   *
   * @param source The response (`status`, `headers` and for a 429 the `body`, as text or parsed), or its headers alone.
   * @returns What the server asked for if it refused the request (429), else `undefined`.
   * @throws TypeError when `source` is none of these, Error when the permit has ended.
   */
  complete(source: LimitsSource): Refusal | undefined;
  /**
   * Ends the permit without a response.
   *
   * @param reason Default `abandoned`, which is safe whatever happened.
   * @throws Error when the permit has ended.
   */
  cancel(reason?: CancelReason): void;
  /**
   * After `complete` returned a refusal: waits as the server asked, at the request's original place in the queue.
   *
   * @throws RateLimitTooLongError, LimiterClosedError, or the signal's reason.
   */
  retry(options?: { signal?: AbortSignal | undefined }): Promise<Permit>;
  /**
   * Ends the permit of a request that failed and will be sent again: as `complete` does with a response, or as `cancel`
   * does with a reason. Then waits `delay` ms at the request's original place in the queue, so that no later request
   * overtakes it.
   *
   * @throws TypeError or Error at once, as `complete` and `cancel` do; RateLimitTooLongError, LimiterClosedError, or
   * the signal's reason.
   */
  repeat(outcome: LimitsSource | CancelReason, options?: RepeatOptions): Promise<Permit>;
  /** Cancels the permit as `abandoned` unless it has ended. */
  [Symbol.dispose](): void;
  /** The same as `[Symbol.dispose]`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * One counter of the server: the requests that wait for it in order, those in flight, and what is known of its window.
 */
export interface RESTBucket {
  /** The real bucket hash, or a name that begins with `UNKNOWN_HASH` until a response shows the hash. */
  readonly name: string;
  /** One of the requests that the bucket limits: the first in flight or in the queue, or one that stands for all. */
  readonly route: CompiledRoute;
  /** Whether no response has shown yet which bucket this is. */
  readonly isUnknown: boolean;
  /** Whether no request waits in this bucket. */
  readonly isEmpty: boolean;
  /** Whether responses came without rate-limit headers, so that only the global limit holds. */
  readonly isUnlimited: boolean;
  /** Requests that a window admits; 1 while it is not known, as one request at a time finds out. */
  readonly limit: number;
  /** Requests that may leave now; those in flight are subtracted. */
  readonly remaining: number;
  /** When the limit is over at the latest, on the monotonic clock, in ms; 0 while it is not known. */
  readonly resetAt: LocalInstant;
  /** Length of a window in ms, as far as responses have shown it; 0 while it is not known. */
  readonly period: Duration;
  /** How the window gives its requests back. */
  readonly windowKind: WindowKind;
  /** Whether requests leave one at a time, as another user of the token shares the bucket. */
  readonly isCautious: boolean;
  /** The limits of this bucket that no header shows, as refusals taught them. */
  readonly subLimits: readonly SubLimitView[];
  /** Requests that wait. */
  readonly queueSize: number;
  /** Requests in flight, and those abandoned a moment ago. */
  readonly inFlight: number;
  /** Whether a request would have to wait at `now` for the limit. */
  isRateLimited(now: LocalInstant): boolean;
  /** How long from `now` until the limit is over, in ms; 0 when there is nothing to wait for. */
  timeUntilReset(now: LocalInstant): Duration;
  /**
   * Waits for the right to send one request.
   *
   * @throws RateLimitTooLongError at once when the limit lasts longer than `maxRateLimit`; QueueFullError at once when
   * `maxQueueSize` requests wait already; LimiterClosedError when the bucket is or gets closed; the signal's reason.
   */
  acquire(options?: AcquireOptions): Promise<Permit>;
  /** Ends the oldest permit that has not ended, as hikari's `release` does; does nothing when there is none. */
  release(): void;
  /** States the limit as the caller knows it, and that the limit includes the oldest request in flight. */
  updateRateLimit(update: RateLimitUpdate): void;
  /**
   * Gives an unknown bucket its real bucket hash.
   *
   * @throws Error on a bucket that is known.
   */
  resolve(realBucketHash: string): void;
  /** Rejects every request that waits, and every later one, with `LimiterClosedError`. */
  close(): void;
}
