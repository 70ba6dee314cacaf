import type { Clock } from '../clock/clock.js';
import type { GlobalGate } from '../gates/global-gate.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Bucket, PermitRequest } from './bucket.js';
import type { Concurrency } from './concurrency.js';
import type { RequestOrder } from './request-order.js';
import type { Turns } from './turns.js';

/** The longest wait for a limit unless an option says otherwise, in ms; hikari allows as much. */
export const DEFAULT_MAX_RATE_LIMIT: Duration = 300_000;

/** What the machinery works with: the parts that all buckets of one authentication have in common. */
export interface BucketContext {
  readonly clock: Clock;
  readonly maxRateLimit: Duration;
  readonly maxQueueSize: number;
  readonly concurrency: Concurrency;
  /** The line under the global limit; a bucket without a manager has none. */
  readonly gate: GlobalGate | undefined;
  readonly turns: Turns;
  readonly order: RequestOrder;
  /** Whether the global limit does not count requests of a route. */
  isExempt(route: CompiledRoute): boolean;
  /** The error for a request that may neither leave nor wait at present, whatever its bucket says. */
  errorFor(route: CompiledRoute): Error | undefined;
  /** The bucket of the next request of a route. */
  getBucket(route: CompiledRoute): Bucket;
  /**
   * Learns from the response to a request whose permit has just ended, and holds what a refusal concerns.
   *
   * @returns The bucket in which the request counted.
   */
  learn(permit: PermitRequest, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): Bucket;
  /** The first request in the queue has to wait for the limit of its bucket. */
  onRateLimited(bucket: Bucket, route: CompiledRoute, wait: Duration): void;
}
