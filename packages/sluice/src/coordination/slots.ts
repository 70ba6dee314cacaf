import type { Clock } from '../clock/clock.js';
import type { GlobalLimit } from '../rules/global-limit.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { StoreReply, StoreRequest } from './coordinator.js';

/** The gate where requests wait for the global limit. */
export interface SharedGate {
  /** `undefined` when there is no global limit. */
  readonly limit: GlobalLimit | undefined;
  /** Requests that wait for a slot. */
  readonly demand: number;
  /** Lets requests pass for which there is a slot. */
  serve(): void;
}

/** The slots of the global limit that this process owns: which it asks the store for, and which it gives back. */
export class Slots {
  readonly #gate: SharedGate;
  readonly #clock: Clock;
  /** The number of slots that this process may keep; `undefined` while no other process wants any. */
  #share: number | undefined;
  /** The same by news since the last exchange began, which may be newer than the reply. */
  #shareInNews: number | undefined;
  /** Uses of slots since the last exchange. */
  #used = 0;
  /** Whether the store knows that this process wants slots, and will send news when there are some. */
  #hasUnmetDemand = false;

  constructor(gate: SharedGate, clock: Clock) {
    this.#gate = gate;
    this.#clock = clock;
    gate.limit?.ownOnly(0);
  }

  /** Whether requests wait for slots and the store does not know. */
  get areWanted(): boolean {
    return !this.#hasUnmetDemand && this.#gate.demand > 0;
  }

  /** Whether other processes want slots, and this one owns more than it needs or than its share. */
  get hasSurplus(): boolean {
    const { limit, demand } = this.#gate;
    if (limit === undefined || this.#share === undefined || limit.owned === limit.inFlight) return false;
    const hasUsedMore = this.#used > 0 && limit.owned > this.#share;
    return hasUsedMore || surplusOf(limit, demand, this.#share, this.#clock.now()) > 0;
  }

  /** Whether all slots are free and no request waits for one. */
  get areIdle(): boolean {
    const { limit, demand } = this.#gate;
    return demand === 0 && (limit?.isIdle(this.#clock.now()) ?? true);
  }

  /** A request has ended that the server may have counted. */
  noteUse(): void {
    this.#used++;
  }

  /** The part of a request about slots. A process that joins owns none, and returns those that it has just used. */
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

  /** Learns from a reply what other processes want. */
  note({ hasUnmetDemand, share }: StoreReply): void {
    this.#hasUnmetDemand = hasUnmetDemand === true;
    this.#share = this.#shareInNews ?? share;
  }

  /** Takes the slots of a reply. */
  own({ slots = [] }: StoreReply, now: LocalInstant): void {
    this.#gate.limit?.own(slots, now);
  }

  /** Gives up all slots and the uses up to `reportedAt`, when the store was told of these. */
  disown(reportedAt: LocalInstant): void {
    const { limit } = this.#gate;
    limit?.ownOnly(0);
    limit?.forgetEnds(reportedAt);
  }

  /** The lease is over: other processes may own the slots by now. */
  lapse(): void {
    this.#gate.limit?.ownOnly(0);
  }

  /** Owns an equal share, without the store. Slots that this process did not own may just have been used by others. */
  ownShare(processes: number): void {
    const { limit } = this.#gate;
    if (limit === undefined) return;
    const share = Math.max(1, Math.floor(limit.limit / processes));
    const owned = Math.min(share, limit.owned);
    limit.ownOnly(owned);
    limit.own(new Array<Duration>(share - owned).fill(limit.period), this.#clock.now());
  }

  /** News tell that slots are to be had. */
  onOffer(): void {
    this.#hasUnmetDemand = false;
  }

  /** News tell how many slots this process may keep. */
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
 * The number of slots to give back: those that no request here needs, and those beyond the share, except one that is
 * for one use. An idle process gives back all, even slots in their last second; one that sends will use these again.
 */
function surplusOf(limit: GlobalLimit, demand: number, share: number, now: LocalInstant): number {
  const isActive = limit.inFlight + demand > 0;
  const unused = isActive ? limit.available(now) - demand : limit.owned;
  return Math.max(unused, limit.owned - share - 1);
}
