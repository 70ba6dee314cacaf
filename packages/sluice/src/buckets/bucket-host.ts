import type { Clock } from '../clock/clock.js';
import type { SharedLimits } from '../coordination/shared-limits.js';
import type { GlobalGate } from '../gates/global-gate.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Concurrency } from './concurrency.js';
import type { HeldPermit } from './permit.js';
import type { RESTBucket } from './rest-bucket.js';

/** What a bucket asks of those it belongs to: the requests of one authentication in a manager, or only itself. */
export interface BucketHost {
  readonly clock: Clock;
  readonly maxRateLimit: Duration;
  readonly maxQueueSize: number;
  readonly concurrency: Concurrency;
  /** Where requests pass under the global limit; a bucket on its own has none. */
  readonly gate: GlobalGate | undefined;
  /** Through which the limits are shared with other processes; `undefined` when they are this process' own. */
  readonly membership: SharedLimits | undefined;
  /** Whether the global limit does not count requests of a route. */
  isExempt(route: CompiledRoute): boolean;
  /** Why no request of a route may be sent or wait at present, whatever its bucket says. */
  errorFor(route: CompiledRoute): Error | undefined;
  /** The next place in the order of acquire. */
  nextSequence(): number;
  /** How many requests have left. */
  departed(): number;
  /** A request leaves; returns its place in the order of departure. */
  depart(): number;
  /** The bucket that the next request of a route belongs to. */
  getBucket(route: CompiledRoute): RESTBucket;
  /**
   * Learns from the answer to a request that has just ended, holds what a refusal concerns, and tells which bucket the
   * request belonged to.
   */
  learn(permit: HeldPermit, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): RESTBucket;
  /** The first request in the queue has to wait for the limit of its bucket. */
  onRateLimited(bucket: RESTBucket, route: CompiledRoute, wait: Duration): void;
}
