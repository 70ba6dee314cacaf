import type { CompiledRoute } from '../routes/route.js';
import type { LimitsSource } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { LocalInstant } from '../rules/units.js';
import type { Bucket, Desk, PermitRequest } from './bucket.js';
import type { BucketContext } from './bucket-context.js';
import { Dispatcher } from './dispatcher.js';
import { Ending } from './ending.js';
import { moveTo } from './moving.js';
import { NamedGroup } from './named-group.js';
import type { AcquireOptions, CancelReason, Permit, RateLimitUpdate, RepeatOptions } from './rest-bucket.js';

/** The desk of an authentication, or of one bucket without a manager: what buckets and permits call. */
export class BucketDesk implements Desk {
  readonly dispatcher: Dispatcher;
  readonly #context: BucketContext;
  readonly #ending: Ending;

  constructor(context: BucketContext) {
    this.#context = context;
    this.dispatcher = new Dispatcher(context);
    this.#ending = new Ending(context, this.dispatcher);
  }

  now(): LocalInstant {
    return this.#context.clock.now();
  }

  request(bucket: Bucket, route: CompiledRoute, options: AcquireOptions): Promise<Permit> {
    return this.dispatcher.request(bucket, route, options);
  }

  withdraw(request: PermitRequest): void {
    this.dispatcher.withdraw(request);
  }

  complete(permit: PermitRequest, source: LimitsSource): Refusal | undefined {
    return this.#ending.complete(permit, source);
  }

  cancel(permit: PermitRequest, reason: CancelReason): void {
    this.#ending.cancel(permit, reason);
  }

  retry(permit: PermitRequest, signal: AbortSignal | undefined): Promise<Permit> {
    return this.#ending.retry(permit, signal);
  }

  repeat(permit: PermitRequest, outcome: LimitsSource | CancelReason, options: RepeatOptions): Promise<Permit> {
    return this.#ending.repeat(permit, outcome, options);
  }

  update(bucket: Bucket, update: RateLimitUpdate): void {
    const { identity } = bucket.route;
    bucket.state.set(update, this.now());
    bucket.state.isUnlimited = false;
    bucket.answerOldest(identity);
    this.dispatch(bucket);
  }

  resolve(bucket: Bucket, realBucketHash: string): void {
    moveTo(bucket, new NamedGroup(this, realBucketHash, bucket.route), this.#context.turns);
  }

  close(bucket: Bucket): void {
    this.#ending.close(bucket);
  }

  dispatch(bucket: Bucket): void {
    this.dispatcher.dispatch(bucket);
  }

  slotDemand(bucket: Bucket): number {
    return this.#context.turns.slotDemand(bucket);
  }
}
