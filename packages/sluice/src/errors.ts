import type { Duration, LocalInstant } from './rules/units.js';

/** What a {@link RateLimitTooLongError} tells. */
export interface RateLimitTooLongDetails {
  /** The request, as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;
  /** How long the limit would have held the request, in ms. */
  readonly retryAfter: Duration;
  /** The longest wait that was allowed (`maxRateLimit`), in ms. */
  readonly maxRetryAfter: Duration;
  /** When the limit ends, on the limiter's monotonic clock, in ms. */
  readonly resetAt: LocalInstant;
  /** Requests a window admits; `undefined` while the limit is not known. */
  readonly limit: number | undefined;
  /** Requests left in the window. */
  readonly remaining: number;
  /** Length of a window in ms; `undefined` while it is not known. */
  readonly period: Duration | undefined;
  /** Whether the whole authentication is held, not only one bucket. */
  readonly isGlobal: boolean;
}

/** Thrown at once, without waiting, when a rate limit would hold a request for longer than `maxRateLimit`. */
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
    const what = details.isGlobal ? 'The global rate limit' : 'The rate limit';
    super(
      `${what} holds ${details.route} for ${Math.ceil(details.retryAfter)} ms, longer than the ` +
        `${details.maxRetryAfter} ms allowed. Try again later, or raise maxRateLimit.`,
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

/** Thrown for every request that waits when its bucket or manager is closed, and for every one that comes after. */
export class LimiterClosedError extends Error {
  override readonly name = 'LimiterClosedError';

  /** The request, secrets masked; `undefined` when no single request is meant. */
  readonly route: string | undefined;

  constructor(route?: string) {
    super(`The limiter is closed${route ? `; ${route} was not sent` : ''}. Create a new one to send again.`);
    this.route = route;
  }
}

/** Thrown at once when a bucket already queues `maxQueueSize` requests. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';

  /** The request, secrets masked. */
  readonly route: string;
  /** The bound that was reached. */
  readonly maxQueueSize: number;

  constructor(route: string, maxQueueSize: number) {
    super(`${maxQueueSize} requests already wait for the bucket of ${route}. Send less, or raise maxQueueSize.`);
    this.route = route;
    this.maxQueueSize = maxQueueSize;
  }
}

/** What an {@link InvalidRequestLimitError} tells. */
export interface InvalidRequestLimitDetails {
  /** The request, secrets masked. */
  readonly route: string;
  /** How long until requests may be sent again, in ms. */
  readonly retryAfter: Duration;
  /** Invalid answers of the last period. */
  readonly count: number;
  /** How many of them a period admits. */
  readonly limit: number;
}

/**
 * Thrown at once, with the option `onLimit: 'reject'`, when so many answers were invalid that more could have the IP
 * address banned (facts part 6).
 */
export class InvalidRequestLimitError extends Error implements InvalidRequestLimitDetails {
  override readonly name = 'InvalidRequestLimitError';
  readonly route: string;
  readonly retryAfter: Duration;
  readonly count: number;
  readonly limit: number;

  constructor({ route, retryAfter, count, limit }: InvalidRequestLimitDetails) {
    super(
      `${route} was not sent: ${count} answers of late were 401, 403 or 429, and at ${limit} this IP address is ` +
        `banned. Try again in ${Math.ceil(retryAfter)} ms, and mend what causes them.`,
    );
    this.route = route;
    this.retryAfter = retryAfter;
    this.count = count;
    this.limit = limit;
  }
}

/** Thrown at once for every request with an authorization that Discord answered with 401, until it is unlocked. */
export class AuthorizationLockedError extends Error {
  override readonly name = 'AuthorizationLockedError';

  /** The request, secrets masked. */
  readonly route: string;
  /** Digest of the authorization, as events have it. */
  readonly authentication: string;

  constructor(route: string, authentication: string) {
    super(
      `${route} was not sent: Discord answered 401 to its authorization (digest ${authentication}). Use a valid ` +
        'token; if this one has become valid again, unlock it.',
    );
    this.route = route;
    this.authentication = authentication;
  }
}

/** Thrown at once for every request to a webhook that Discord does not know, for a time or until it is unlocked. */
export class WebhookLockedError extends Error {
  override readonly name = 'WebhookLockedError';

  /** The request, secrets masked. */
  readonly route: string;
  /** How long the webhook stays locked, in ms; `Infinity` until it is unlocked. */
  readonly retryAfter: Duration;

  constructor(route: string, retryAfter: Duration) {
    super(`${route} was not sent: Discord answered that there is no such webhook. Stop using it, or unlock it.`);
    this.route = route;
    this.retryAfter = retryAfter;
  }
}

/** Thrown, with `onUnavailable: 'reject'`, for every request while the store that processes share cannot be reached. */
export class CoordinatorUnavailableError extends Error {
  override readonly name = 'CoordinatorUnavailableError';

  /** The request, secrets masked. */
  readonly route: string;

  constructor(route: string) {
    super(
      `${route} was not sent: the store through which processes share limits cannot be reached. Try again later, or ` +
        "let each process go on with its share of the limits (onUnavailable: 'local').",
    );
    this.route = route;
  }
}

/** Thrown when something is restored that is no snapshot, is one of another version, or is corrupt. Nothing changed. */
export class SnapshotError extends Error {
  override readonly name = 'SnapshotError';

  /** Where the defect is, as `authentications[0].buckets[3].window.limit`; empty when it is the whole. */
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.path = path;
  }
}
