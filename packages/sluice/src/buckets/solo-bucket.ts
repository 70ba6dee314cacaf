import { steady } from '../clock/steady-clock.js';
import { systemClock } from '../clock/system-clock.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { LocalInstant } from '../rules/units.js';
import { learnAnswer } from './answer.js';
import { Bucket, type PermitRequest } from './bucket.js';
import { type BucketContext, DEFAULT_MAX_RATE_LIMIT } from './bucket-context.js';
import { BucketDesk } from './desk.js';
import { NamedGroup } from './named-group.js';
import { RequestOrder } from './request-order.js';
import type { RESTBucketOptions } from './rest-bucket.js';
import { OwnTurns } from './turns.js';

/** A bucket without a manager: no other buckets, no global limit, no listeners. */
export class SoloBucket extends Bucket {
  constructor(options: RESTBucketOptions) {
    const { name, route } = options;
    super(new NamedGroup(new BucketDesk(soloContext(options, () => this)), name, route), route);
  }

  /** The buckets of a manager are instances, too. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a user's subclass has instances of its own.
    const isOwn = this === SoloBucket;
    // biome-ignore lint/complexity/noThisInStatic: the same.
    return isOwn ? value instanceof Bucket : super[Symbol.hasInstance](value);
  }
}

function soloContext({ clock, maxRateLimit }: RESTBucketOptions, getBucket: () => Bucket): BucketContext {
  const order = new RequestOrder();
  const turns = new OwnTurns();
  return {
    clock: steady(clock ?? systemClock),
    maxRateLimit: maxRateLimit ?? DEFAULT_MAX_RATE_LIMIT,
    maxQueueSize: Number.POSITIVE_INFINITY,
    concurrency: 'writes-in-order',
    gate: undefined,
    turns,
    order,
    isExempt: () => true,
    errorFor: () => undefined,
    getBucket,
    learn(permit: PermitRequest, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): Bucket {
      const bucket = getBucket();
      learnAnswer(bucket, permit, limits, now, { order, turns });
      if (refusal !== undefined && refusal.kind !== 'sub-limit') bucket.state.hold(now + refusal.retryAfter);
      return bucket;
    },
    onRateLimited() {},
  };
}
