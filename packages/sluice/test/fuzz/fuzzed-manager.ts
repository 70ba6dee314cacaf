import { expect } from 'vitest';
import type { Concurrency } from '../../src/buckets/concurrency.js';
import type { Permit, RESTBucket } from '../../src/buckets/rest-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { RateLimitTooLongError, WebhookLockedError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { type CompiledRoute, Route } from '../../src/routes/route.js';
import type { ResponseSource } from '../../src/rules/headers.js';

export const MAX_RATE_LIMIT = 60_000;

/** How long an unknown webhook is locked, in ms. */
export const LOCK_DURATION = 1_000;

/** So few routes that answers to several of them name the same buckets. */
export const ROUTES: readonly CompiledRoute[] = [
  Route.match('GET', '/channels/1/messages'),
  Route.match('GET', '/channels/2/messages'),
  Route.match('POST', '/channels/1/messages'),
  Route.match('PATCH', '/channels/1'),
  Route.match('PUT', '/channels/1/pins/2'),
  Route.match('DELETE', '/channels/1/pins/2'),
  Route.match('POST', '/webhooks/3/token'),
];

/** How one acquire ended. */
interface Ended {
  readonly route: CompiledRoute;
  readonly askedAt: number;
  readonly endedAt: number;
  readonly permit: Permit | undefined;
  readonly error: unknown;
}

/** A real manager that gets nonsense as answers, and is checked after each. */
export class FuzzedManager {
  readonly clock = new VirtualClock();
  readonly manager: RESTBucketManager;
  /** Permits that wait for their answer. */
  readonly held: Permit[] = [];
  readonly errors: RateLimitTooLongError[] = [];
  /** Acquires that have not ended. */
  pending = 0;
  answers = 0;

  constructor() {
    this.manager = new RESTBucketManager({
      clock: this.clock,
      maxRateLimit: MAX_RATE_LIMIT,
      webhookLockDuration: LOCK_DURATION,
      invalidRequests: { limit: Number.POSITIVE_INFINITY },
    });
  }

  /** Asks for a permit. The permit is held, an error is checked. */
  async acquire(route: CompiledRoute, body?: unknown, concurrency?: Concurrency): Promise<Ended> {
    return this.#end(route, this.manager.acquire(route, { body, concurrency, authorization: 'Bot fuzz' }));
  }

  /** Retries a refused request. */
  async retry(permit: Permit, route: CompiledRoute): Promise<Ended> {
    return this.#end(route, permit.retry());
  }

  /** Answers a request. Returns whether that was a refusal. */
  complete(permit: Permit, answer: ResponseSource): boolean {
    this.answers++;
    const refusal = permit.complete(answer);
    expect(refusal !== undefined).toBe(answer.status === 429);
    this.check(permit.bucket);
    return refusal !== undefined;
  }

  /** Checks that every number of a bucket is sane. */
  check(bucket: RESTBucket): void {
    const { limit, remaining, resetAt, period, inFlight, queueSize } = bucket;
    const now = this.clock.now();
    const finite = { resetAt, period, inFlight, queueSize, wait: bucket.timeUntilReset(now) };
    const isSane =
      limit >= 1 && remaining >= 0 && Object.values(finite).every((value) => value >= 0 && Number.isFinite(value));
    if (!isSane) expect.fail(`bucket ${bucket.name}: ${JSON.stringify({ ...finite, limit, remaining })}`);
  }

  close(): void {
    this.manager.close();
    expect(this.clock.pendingTimers).toBe(0);
  }

  async #end(route: CompiledRoute, promise: Promise<Permit>): Promise<Ended> {
    const askedAt = this.clock.now();
    this.pending++;
    const [permit, error] = await promise.then(
      (granted) => [granted, undefined] as const,
      (reason: unknown) => [undefined, reason] as const,
    );
    this.pending--;
    if (permit) this.held.push(permit);
    else this.#checkError(error);
    return { route, askedAt, endedAt: this.clock.now(), permit, error };
  }

  #checkError(error: unknown): void {
    if (error instanceof WebhookLockedError) return;
    expect(error).toBeInstanceOf(RateLimitTooLongError);
    const { retryAfter, resetAt, limit, period, remaining } = error as RateLimitTooLongError;
    expect(retryAfter).toBeGreaterThan(MAX_RATE_LIMIT);
    expect([retryAfter, resetAt, limit ?? 1, period ?? 0].every(Number.isFinite)).toBe(true);
    expect(remaining).toBeGreaterThanOrEqual(0);
    this.errors.push(error as RateLimitTooLongError);
  }
}
