import type { Duration, LocalInstant } from './rules/units.js';

/** The details of a {@link RateLimitTooLongError}. */
export interface RateLimitTooLongDetails {
  /** The request, such as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;
  /** How long the request would have to wait, in ms. */
  readonly retryAfter: Duration;
  /** The longest wait that is allowed (`maxRateLimit`), in ms. */
  readonly maxRetryAfter: Duration;
  /** When the limit ends, on the limiter's monotonic clock, in ms. */
  readonly resetAt: LocalInstant;
  /** How many requests a window admits; `undefined` while the limit is not known. */
  readonly limit: number | undefined;
  /** How many requests are left in the window. */
  readonly remaining: number;
  /** Length of a window, in ms; `undefined` while it is not known. */
  readonly period: Duration | undefined;
  /** Whether the global limit holds the request, and not only its bucket. */
  readonly isGlobal: boolean;
}

/** Thrown immediately when a request would have to wait for a rate limit for longer than `maxRateLimit`. */
export class RateLimitTooLongError extends Error implements RateLimitTooLongDetails {
  override readonly name = 'RateLimitTooLongError';
  readonly route: string;
  readonly retryAfter: Duration;
  readonly maxRetryAfter: Duration;
  readonly resetAt: LocalInstant;
  readonly limit: number | undefined;
  readonly remaining: number;
  readonly period: Duration | undefined;
  readonly isGlobal: boolean;

  constructor(details: RateLimitTooLongDetails) {
    const limit = details.isGlobal ? 'the global rate limit' : 'its rate limit';
    super(
      `${details.route} was not sent: ${limit} lasts for another ${Math.ceil(details.retryAfter)} ms, longer than the ` +
        `${details.maxRetryAfter} ms that maxRateLimit allows. Try again later, or raise maxRateLimit.`,
    );
    this.route = details.route;
    this.retryAfter = details.retryAfter;
    this.maxRetryAfter = details.maxRetryAfter;
    this.resetAt = details.resetAt;
    this.limit = details.limit;
    this.remaining = details.remaining;
    this.period = details.period;
    this.isGlobal = details.isGlobal;
  }
}

/** Thrown for every request that is waiting when its bucket, manager or client is closed, and for every later one. */
export class LimiterClosedError extends Error {
  override readonly name = 'LimiterClosedError';

  /** The request, with secrets masked; `undefined` when the error is not about a single request. */
  readonly route: string | undefined;

  constructor(route?: string) {
    super(`${route ? `${route} was not sent: the` : 'The'} limiter is closed. Create a new one to send requests.`);
    this.route = route;
  }
}

/** Thrown immediately when `maxQueueSize` requests are already waiting for the bucket. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  /** The request, with secrets masked. */
  readonly route: string;
  /** The size that the queue has reached. */
  readonly maxQueueSize: number;

  constructor(route: string, maxQueueSize: number) {
    super(
      `${route} was not sent: ${maxQueueSize} requests are already waiting for its bucket. Send fewer requests, or ` +
        'raise maxQueueSize.',
    );
    this.route = route;
    this.maxQueueSize = maxQueueSize;
  }
}

/** The details of an {@link InvalidRequestLimitError}. */
export interface InvalidRequestLimitDetails {
  /** The request, with secrets masked. */
  readonly route: string;
  /** How long until requests may be sent again, in ms. */
  readonly retryAfter: Duration;
  /** Invalid responses in the last period. */
  readonly count: number;
  /** How many invalid responses a period admits. */
  readonly limit: number;
}

/**
 * Thrown immediately, with the option `onLimit: 'reject'`, when the IP address has received so many invalid responses
 * that Discord could ban it.
 */
export class InvalidRequestLimitError extends Error implements InvalidRequestLimitDetails {
  override readonly name = 'InvalidRequestLimitError';
  readonly route: string;
  readonly retryAfter: Duration;
  readonly count: number;
  readonly limit: number;

  constructor({ route, retryAfter, count, limit }: InvalidRequestLimitDetails) {
    super(
      `${route} was not sent: ${count} recent responses were 401, 403 or 429, and Discord bans an IP address at ` +
        `${limit}. Find their cause, and try again in ${Math.ceil(retryAfter)} ms.`,
    );
    this.route = route;
    this.retryAfter = retryAfter;
    this.count = count;
    this.limit = limit;
  }
}

/** Thrown immediately for every request whose authorization got a 401 from Discord, until it is unlocked. */
export class AuthorizationLockedError extends Error {
  override readonly name = 'AuthorizationLockedError';

  /** The request, with secrets masked. */
  readonly route: string;
  /** Digest of the authorization, as in events. */
  readonly authentication: string;

  constructor(route: string, authentication: string) {
    super(
      `${route} was not sent: Discord rejected its authorization (digest ${authentication}) with status 401. Use a ` +
        'valid token, or unlock this one if it has become valid again.',
    );
    this.route = route;
    this.authentication = authentication;
  }
}

/**
 * Thrown immediately for every request to a webhook that Discord does not know, for a while or until it is unlocked.
 */
export class WebhookLockedError extends Error {
  override readonly name = 'WebhookLockedError';

  /** The request, with secrets masked. */
  readonly route: string;
  /** How long the webhook stays locked, in ms; `Infinity` until it is unlocked. */
  readonly retryAfter: Duration;

  constructor(route: string, retryAfter: Duration) {
    super(`${route} was not sent: Discord responded that the webhook does not exist. Stop using it, or unlock it.`);
    this.route = route;
    this.retryAfter = retryAfter;
  }
}

/** Thrown, with `onUnavailable: 'reject'`, for every request while the shared store cannot be reached. */
export class CoordinatorUnavailableError extends Error {
  override readonly name = 'CoordinatorUnavailableError';

  /** The request, with secrets masked. */
  readonly route: string;

  constructor(route: string) {
    super(
      `${route} was not sent: the store that shares limits between processes cannot be reached. Try again later, or let ` +
        "each process continue with its part of the limits (onUnavailable: 'local').",
    );
    this.route = route;
  }
}

/** Thrown when a value to restore is not a snapshot, has another version, or is corrupt. Nothing was restored. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';

  /** Where the defect is, such as `authentications[0].buckets[3].window.limit`; empty when it is the whole value. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}
