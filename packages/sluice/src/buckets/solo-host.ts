import type { Clock } from '../clock/clock.js';
import { steady } from '../clock/steady-clock.js';
import { systemClock } from '../clock/system-clock.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketHost } from './bucket-host.js';
import type { HeldPermit } from './permit.js';
import type { RESTBucket } from './rest-bucket.js';

/** The longest wait for a limit unless an option says otherwise, in ms (the seed's clients allow as much). */
export const DEFAULT_MAX_RATE_LIMIT: Duration = 300_000;

/** The surroundings of a bucket that is made alone: no other buckets, no global limit, nobody listening. */
export class SoloHost implements BucketHost {
  readonly clock: Clock;
  readonly maxRateLimit: Duration;
  readonly maxQueueSize = Number.POSITIVE_INFINITY;
  readonly concurrency = 'writes-in-order';
  readonly gate = undefined;
  readonly membership = undefined;
  readonly getBucket: () => RESTBucket;
  #departures = 0;
  #sequence = 0;

  constructor(options: { clock?: Clock; maxRateLimit?: Duration }, getBucket: () => RESTBucket) {
    this.clock = steady(options.clock ?? systemClock);
    this.maxRateLimit = options.maxRateLimit ?? DEFAULT_MAX_RATE_LIMIT;
    this.getBucket = getBucket;
  }

  isExempt(): boolean {
    return true;
  }

  errorFor(): undefined {}

  nextSequence(): number {
    return this.#sequence++;
  }

  departed(): number {
    return this.#departures;
  }

  depart(): number {
    return this.#departures++;
  }

  learn(permit: HeldPermit, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): RESTBucket {
    const bucket = this.getBucket();
    bucket.learn(permit, limits, now);
    if (refusal !== undefined && refusal.kind !== 'sub-limit') bucket.hold(now + refusal.retryAfter);
    return bucket;
  }

  onRateLimited(): void {}
}
