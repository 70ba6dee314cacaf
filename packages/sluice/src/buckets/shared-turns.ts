import type { Grant } from '../coordination/ledger.js';
import type { SharedLimits } from '../coordination/shared-limits.js';
import { reportOfAnswer, reportOfSubLimit } from '../coordination/wire.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import { HEADER_PRECISION } from '../rules/reset.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Bucket, BucketGroup, PermitRequest } from './bucket.js';
import type { RequestOrder } from './request-order.js';
import { asStored, StoreBucket } from './store-bucket.js';
import type { AnsweredRequest, Turns } from './turns.js';

/** Turns by the store that several processes share. */
export class SharedTurns implements Turns {
  readonly #limits: SharedLimits;
  readonly #order: RequestOrder;

  constructor(limits: SharedLimits, order: RequestOrder) {
    this.#limits = limits;
    this.#order = order;
  }

  get isShared(): boolean {
    return this.#limits.state !== 'local';
  }

  createBucket(group: BucketGroup, route: CompiledRoute): Bucket {
    return new StoreBucket(group, route, this.#order);
  }

  waitFor(bucket: Bucket, fields: readonly string[], now: LocalInstant): Duration {
    const { state } = bucket;
    const held = state.heldFor(now);
    if (held > 0) return held;
    const stored = asStored(bucket);
    const mask = stored.maskOf(fields);
    return state.isUnlimited && mask === 0 ? 0 : this.#limits.waitFor(stored, mask, now);
  }

  take(bucket: Bucket, fields: readonly string[]): Grant | undefined {
    const stored = asStored(bucket);
    return this.#limits.spend(stored, stored.maskOf(fields));
  }

  want(bucket: Bucket, fields: readonly string[], now: LocalInstant): void {
    const stored = asStored(bucket);
    this.#limits.want(stored, stored.maskOf(fields), now);
  }

  withdrawn(bucket: Bucket): void {
    this.#limits.withdrawn(asStored(bucket));
  }

  ended({ bucket, grant, isExempt }: PermitRequest, mayCount: boolean, now: LocalInstant): void {
    const stored = asStored(bucket);
    this.#limits.offlineUseEnded(stored, now);
    if (!isExempt) this.#limits.slotEnded(mayCount);
    if (bucket.state.isUnlimited && !grant?.mask) return;
    this.#limits.ended(stored, grant?.mask && mayCount ? { mask: grant.mask, receivedAt: now } : undefined, false);
  }

  lost(bucket: Bucket, now: LocalInstant): void {
    if (!bucket.state.isUnlimited) this.#limits.ended(asStored(bucket), { lost: 1, receivedAt: now }, false);
  }

  answered(
    bucket: Bucket,
    { grant, route, sentAt }: AnsweredRequest,
    { known, status }: ResponseLimits,
    knownPeriod: Duration,
    now: LocalInstant,
  ): void {
    if (known === undefined) return;
    const isRefusal = status === 429;
    const { kind } = bucket.state;
    const answer = { known, isRefusal, route: route.identity, kind, grant, sentAt, receivedAt: now };
    // A refusal is urgent news to other processes, and so is a longer window than was known.
    const isUrgent = isRefusal || known.resetAfter > knownPeriod + HEADER_PRECISION;
    this.#limits.ended(asStored(bucket), reportOfAnswer(answer), isUrgent);
  }

  hold(bucket: Bucket, duration: Duration, now: LocalInstant): void {
    this.#limits.ended(asStored(bucket), { hold: duration, receivedAt: now }, true);
  }

  moved(bucket: Bucket): void {
    this.#limits.moved(asStored(bucket));
  }

  learnedSubLimit(bucket: Bucket, limit: SubLimit, now: LocalInstant): void {
    this.#limits.learnSubLimit(asStored(bucket), reportOfSubLimit(limit, now));
  }

  slotDemand(bucket: Bucket): number {
    const waiting = bucket.waiting?.queue.size ?? 0;
    return bucket.state.isUnlimited ? waiting : Math.min(waiting, this.#limits.creditsOf(asStored(bucket)));
  }
}
