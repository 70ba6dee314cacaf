import type { Timer } from '../clock/clock.js';
import type { Grant } from '../coordination/ledger.js';
import type { LimitsSource } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { RequestDescription } from './queued-request.js';
import type { RESTBucket } from './rest-bucket.js';

/**
 * Why a permit ends without an answer.
 *
 * - `unsent`: the request never left (connection refused, name not resolved). Its slot is free at once.
 * - `lost`: it left, and the connection ended without an answer (reset, timeout). The server counted it by now, or
 *   never will.
 * - `abandoned`: its caller gave it up while it was under way; it may yet arrive within {@link ABANDONED_GRACE}.
 */
export type CancelReason = 'unsent' | 'lost' | 'abandoned';

/** How long after it was given up a request may still reach the server, in ms. */
export const ABANDONED_GRACE: Duration = 2_000;

/** How a request is sent again. */
export interface RepeatOptions {
  /** How long to wait before, in ms. Default 0. */
  readonly delay?: Duration | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The right to send one request, held from then until its answer. It ends exactly once: completed, cancelled or
 * disposed; each gives its slot back.
 */
export interface Permit extends Disposable, AsyncDisposable {
  /** The bucket the permit counts in; another one once answers told that the route belongs elsewhere. */
  readonly bucket: RESTBucket;
  /** Whether the permit was completed, cancelled or disposed. */
  readonly isEnded: boolean;
  /**
   * Ends the permit with the answer. Call it as soon as the headers are here, and for a 429 the body, too.
   *
   * @param source The response (`status`, `headers` and for a 429 the `body`, as text or parsed), or its headers alone.
   * @returns What the server asked for if it refused the request (429), else `undefined`.
   * @throws TypeError when `source` is none of these, Error when the permit has ended.
   */
  complete(source: LimitsSource): Refusal | undefined;
  /**
   * Ends the permit without an answer.
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
   * Ends the permit of a request that failed and is to be sent again: as `complete` does with an answer, or as `cancel`
   * with a reason. Then waits `delay` ms at the request's original place in the queue, so that nothing overtakes it.
   *
   * @throws TypeError or Error at once, as `complete` and `cancel` do; RateLimitTooLongError, LimiterClosedError, or the
   * signal's reason.
   */
  repeat(outcome: LimitsSource | CancelReason, options?: RepeatOptions): Promise<Permit>;
  /** Cancels the permit as `abandoned` unless it has ended. */
  [Symbol.dispose](): void;
  /** The same as `[Symbol.dispose]`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The permit as its bucket sees it: a node in the list of what is in flight. */
export class HeldPermit implements Permit {
  readonly description: RequestDescription;
  readonly sentAt: LocalInstant;
  /** Its place in the order of departure. */
  readonly departure: number;
  bucket: RESTBucket;
  isEnded = false;
  /** What the server asked for when it refused the request. */
  refusal: Refusal | undefined;
  /** Whether the bucket has been told of the answer by hand, before the permit ended. */
  isAnswered = false;
  /** Until when an abandoned request is still reckoned with. */
  graceTimer: Timer | undefined;
  /** The limits on single fields that it counts in. */
  subLimits: readonly SubLimit[] | undefined;
  /** What the store granted for it, when the limits are shared with other processes. */
  grant: Grant | undefined;
  previous: HeldPermit | undefined;
  next: HeldPermit | undefined;

  constructor(bucket: RESTBucket, description: RequestDescription, sentAt: LocalInstant, departure: number) {
    this.bucket = bucket;
    this.description = description;
    this.sentAt = sentAt;
    this.departure = departure;
  }

  complete(source: LimitsSource): Refusal | undefined {
    assertHeld(this, 'complete');
    this.refusal = this.bucket.complete(this, source);
    return this.refusal;
  }

  cancel(reason: CancelReason = 'abandoned'): void {
    assertHeld(this, 'cancel');
    this.bucket.cancel(this, reason);
  }

  retry(options: { signal?: AbortSignal | undefined } = {}): Promise<Permit> {
    if (this.refusal === undefined) {
      return Promise.reject(new Error(`${this.description.route} was not refused: acquire a new permit instead`));
    }
    return this.bucket.retry(this, options.signal);
  }

  repeat(outcome: LimitsSource | CancelReason, { delay = 0, signal }: RepeatOptions = {}): Promise<Permit> {
    assertHeld(this, 'repeat');
    return this.bucket.repeat(this, outcome, delay, signal);
  }

  [Symbol.dispose](): void {
    if (!this.isEnded) this.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }
}

function assertHeld({ isEnded, description }: HeldPermit, action: string): void {
  if (isEnded) throw new Error(`Cannot ${action} the permit of ${description.route}: it has ended`);
}
