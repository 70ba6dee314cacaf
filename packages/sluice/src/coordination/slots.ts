import type { Clock } from '../clock/clock.js';
import type { GlobalLimit } from '../rules/global-limit.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { StoreReply, StoreRequest } from './coordinator.js';

/** Where requests wait for the global limit, as those see it who share it. */
export interface SharedGate {
  /** `undefined` when none is kept. */
  readonly limit: GlobalLimit | undefined;
  /** Requests that wait for a slot. */
  readonly demand: number;
  serve(): void;
}

/** The slots of the global limit that this process owns, and what it has to do with the store about them. */
export class Slots {
  readonly #gate: SharedGate;
  readonly #clock: Clock;
  /** What others leave to this process, if they want slots. */
  #share: number | undefined;
  /** What news have told of that since the last exchange was begun: it may be newer than the reply. */
  #shareInNews: number | undefined;
  /** Slots that have been used since the last exchange. */
  #used = 0;
  /** Whether the store knows that slots are wanted here, and will tell when there are some. */
  #hasUnmetDemand = false;

  constructor(gate: SharedGate, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
    gate.limit?.ownOnly(0);
  }

  /** Whether slots are wanted of which the store does not know. */
  get areWanted(): boolean {
    return !this.#hasUnmetDemand && this.#gate.demand > 0;
  }

  /** Whether others want slots of which this process has more than it needs, or than its share. */
  get hasSurplus(): boolean {
    const { limit, demand } = this.#gate;
    if (limit === undefined || this.#share === undefined || limit.owned === limit.inFlight) return false;
    const hasUsedMore = this.#used > 0 && limit.owned > this.#share;
    return hasUsedMore || surplusOf(limit, demand, this.#share, this.#clock.now()) > 0;
  }

  /** Whether all are free and none is wanted. */
  get areIdle(): boolean {
    const { limit, demand } = this.#gate;
    return demand === 0 && (limit?.isIdle(this.#clock.now()) ?? true);
  }

  /** A request that counted has ended. */
  noteUse(): void {
    this.#used++;
  }

  /**
   * What the store is told. A process that has not shared the limits until now owns nothing; what it has used is told.
   */
  compose(isShared: boolean, leaves: boolean, now: LocalInstant): Pick<StoreRequest, 'global'> {
    const { limit, demand } = this.#gate;
    if (limit === undefined) return {};
    const used = this.#used;
    this.#used = 0;
    this.#shareInNews = undefined;
    if (!isShared) {
      const returned = limit.ends(now, now).map((end) => end + limit.period - now);
      return { global: { limit: limit.limit, held: 0, inFlight: limit.inFlight, spare: 0, line: demand, returned } };
    }
    const returned = leaves ? limit.giveAway(limit.owned, now) : this.#giveBack(limit, demand, used, now);
    const available = Math.max(0, limit.available(now));
    const spare = Math.max(0, available - demand);
    const line = Math.max(0, demand - available);
    return { global: { limit: limit.limit, held: limit.owned, inFlight: limit.inFlight, spare, line, returned } };
  }

  /** Takes over what a reply tells. */
  note({ hasUnmetDemand, share }: StoreReply): void {
    this.#hasUnmetDemand = hasUnmetDemand === true;
    this.#share = this.#shareInNews ?? share;
  }

  /** Takes over what the store has granted. */
  own({ slots = [] }: StoreReply, now: LocalInstant): void {
    this.#gate.limit?.own(slots, now);
  }

  /** None is this process' any more, nor what it has used, as the store was told of that at `toldAt`. */
  disown(toldAt: LocalInstant): void {
    const { limit } = this.#gate;
    limit?.ownOnly(0);
    limit?.forgetEnds(toldAt);
  }

  /** The store reckons with others using them by now. */
  lapse(): void {
    this.#gate.limit?.ownOnly(0);
  }

  /** Goes on without the store. What is more than this process owned, others may have used a moment ago. */
  ownShare(processes: number): void {
    const { limit } = this.#gate;
    if (limit === undefined) return;
    const share = Math.max(1, Math.floor(limit.limit / processes));
    const owned = Math.min(share, limit.owned);
    limit.ownOnly(owned);
    limit.own(new Array<Duration>(share - owned).fill(limit.period), this.#clock.now());
  }

  /** News tell that there are slots to be had. */
  onOffer(): void {
    this.#hasUnmetDemand = false;
  }

  /** News tell what others leave to this process. */
  onShare(share: number): void {
    this.#share = this.#shareInNews = share;
  }

  #giveBack(limit: GlobalLimit, demand: number, used: number, now: LocalInstant): readonly Duration[] {
    if (this.#share === undefined) return [];
    const afterUse = limit.giveAwayUsed(Math.min(used, limit.owned - this.#share), now);
    return [...afterUse, ...limit.giveAway(surplusOf(limit, demand, this.#share, now), now)];
  }
}

/**
 * Slots of which others have more need: what nothing here uses, even if it cools, and what is more than a fair share
 * but for one, which is for one use; a process that sends goes on to use what it has used within the last second.
 */
function surplusOf(limit: GlobalLimit, demand: number, share: number, now: LocalInstant): number {
  const isActive = limit.inFlight + demand > 0;
  const unused = isActive ? limit.available(now) - demand : limit.owned;
  return Math.max(unused, limit.owned - share - 1);
}
