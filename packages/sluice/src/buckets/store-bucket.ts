import type { BucketReply, MaskedCount, Report, ToldSubLimit } from '../coordination/coordinator.js';
import type { BucketIdentity, SharedBucket } from '../coordination/ledger.js';
import {
  countMasks,
  reportOfSubLimit,
  restatedWindow,
  subLimitFromReply,
  windowFromReply,
} from '../coordination/wire.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Bucket, type BucketGroup, type PermitRequest } from './bucket.js';
import { unknownName } from './bucket-set.js';
import type { InFlight } from './in-flight.js';
import type { RequestOrder } from './request-order.js';
import { pairOf } from './route-pairs.js';
import type { Waiting } from './waiting.js';

/** A bucket whose limits several processes share, in the words of the store. */
export class StoreBucket extends Bucket implements SharedBucket {
  readonly #order: RequestOrder;

  constructor(group: BucketGroup, route: CompiledRoute, order: RequestOrder) {
    super(group, route);
    this.#order = order;
  }

  get identity(): BucketIdentity {
    const identity = this.group.identityOf(this.majorKey);
    const { name, routes } = identity;
    if (this.state.isUnlimited) return { name, isUnlimited: true };
    const first = this.waiting?.queue.peek()?.route.identity;
    if (first === undefined) return identity;
    if (routes !== undefined) return { name, routes: [first, ...routes.filter((route) => route !== first)] };
    return this.state.isKnown ? identity : { ...identity, origin: unknownName(this.majorKey, pairOf(first)) };
  }

  get inFlightByMask(): number | readonly MaskedCount[] {
    if (this.state.subLimits === undefined) return this.unanswered;
    return countMasks(unansweredOf(this.permits), ({ grant }) => grant?.mask ?? 0);
  }

  get demand(): readonly MaskedCount[] {
    const { waiting } = this;
    if (waiting === undefined) return [];
    if (this.state.subLimits !== undefined) return this.#demandByMask(waiting);
    return this.state.isUnlimited || waiting.queue.isEmpty ? [] : [[0, waiting.queue.size]];
  }

  get isDemandExempt(): boolean {
    return this.waiting?.queue.peek()?.isExempt === true;
  }

  get subVersion(): number {
    return this.state.subLimits?.limits.length ?? 0;
  }

  get knownWindow(): { readonly limit: number; readonly period: Duration } | undefined {
    const { isKnown, isUnlimited, limit, period } = this.state;
    return isKnown && !isUnlimited ? { limit, period } : undefined;
  }

  ownWait(now: LocalInstant): Duration {
    return this.state.waitFor(this.unanswered, now);
  }

  reportedSubLimits(now: LocalInstant): readonly ToldSubLimit[] {
    return this.subLimits.map((limit) => ({ ...reportOfSubLimit(limit, now), isRetold: true }));
  }

  restate(now: LocalInstant): Omit<Report, 'age'> | undefined {
    return restatedWindow(this.state, now);
  }

  learnFromStore({ window, heldFor, cautiousFor, subLimits }: BucketReply, now: LocalInstant): void {
    const { state } = this;
    if (window !== undefined) {
      state.adoptShared(window.route, { ...windowFromReply(window, now), knownSince: this.#order.departed });
    }
    if (heldFor !== undefined) state.hold(now + heldFor);
    if (cautiousFor !== undefined) state.beCautiousUntil(now + cautiousFor);
    if (subLimits !== undefined) state.setSubLimits(subLimits.map((told) => subLimitFromReply(told, now)));
  }

  dispatch(): void {
    this.group.desk.dispatch(this);
  }

  /** A bit mask of the sub-limits that apply to a request with these fields. */
  maskOf(fields: readonly string[]): number {
    return this.state.subLimits?.maskOf(fields) ?? 0;
  }

  #demandByMask({ queue, parked }: Waiting<PermitRequest>): readonly MaskedCount[] {
    const maskOf = ({ fields }: PermitRequest) => this.maskOf(fields);
    // A parked request that no sub-limit concerns waits for its own sake, which is no concern of other processes.
    return countMasks([...queue, ...[...parked].filter((request) => maskOf(request) !== 0)], maskOf);
  }
}

/** Where processes share the limits, every bucket was made as one of these (`Turns.createBucket`). */
export function asStored(bucket: Bucket): StoreBucket {
  return bucket as StoreBucket;
}

function* unansweredOf(permits: InFlight<PermitRequest> | undefined): Generator<PermitRequest> {
  for (const permit of permits ?? []) if (!permit.isAnswered) yield permit;
}
