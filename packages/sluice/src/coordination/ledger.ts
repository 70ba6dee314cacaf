import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketReply, BucketRequest, MaskedCount, Report, ToldSubLimit } from './coordinator.js';
import { OfflineShare } from './offline-share.js';
import { type DatedReport, Reports } from './reports.js';

/** The fields that name a bucket in the store. */
export type BucketIdentity = Pick<
  BucketRequest,
  'name' | 'hash' | 'apart' | 'parent' | 'origin' | 'routes' | 'isUnlimited'
>;

/** The shortest wait before a bucket is asked for again, in ms. */
const SHORTEST_WAIT: Duration = 1;

/** The wait when the store granted nothing and did not say when to ask again, in ms. */
const DEFAULT_WAIT: Duration = 100;

/** A bucket, as its ledger sees it. */
export interface SharedBucket {
  readonly identity: BucketIdentity;
  /** Requests in flight that have no response yet; one number when no sub-limit concerns any of them. */
  readonly inFlightByMask: number | readonly MaskedCount[];
  /** Requests that wait, by the mask of sub-limits that concern them. */
  readonly demand: readonly MaskedCount[];
  /** Whether the global limit does not count the waiting requests. */
  readonly isDemandExempt: boolean;
  /** The limit and length of the window, as this process knows them; `undefined` before it has heard of any. */
  readonly knownWindow: { readonly limit: number; readonly period: Duration } | undefined;
  /** The wait of one more request, by the window as this process knows it; `Infinity` until one is answered. */
  ownWait(now: LocalInstant): Duration;
  /** The number of sub-limits that this process knows. */
  readonly subVersion: number;
  /** The sub-limits, restated for the store. */
  reportedSubLimits(now: LocalInstant): readonly ToldSubLimit[];
  /** The window, as if a response had just shown it; `undefined` when it does not matter any more. */
  restate(now: LocalInstant): Omit<Report, 'age'> | undefined;
  /** Learns the window, holds and sub-limits of a reply. */
  learnFromStore(reply: BucketReply, now: LocalInstant): void;
  /** Asks the rules again for the requests that wait. */
  dispatch(): void;
}

/** The store's permission for one request. */
export interface Grant {
  /** When the store granted it, by the store's clock. */
  readonly at: number;
  readonly receivedAt: LocalInstant;
  /** The mask of sub-limits that count the request. */
  readonly mask: number;
  /** Whether the store knew the window of a bucket whose routes count apart. */
  readonly isInformed: boolean;
}

/**
 * One bucket, as this process and the store share it: unused grants (credits), reports to make, and when to ask again.
 */
export class Ledger {
  readonly bucket: SharedBucket;
  /** The name under which the store counts on this process; `undefined` if nothing is held or waited for there. */
  stated: BucketIdentity | undefined;
  /** Whether requests in flight have moved since the last exchange, so that the bucket may have another name. */
  hasMoved = false;
  /** The store grants nothing before then; `Infinity`: until there is news. */
  #askAt: LocalInstant = 0;
  /** The same for requests that sub-limits concern. */
  #askMaskedAt: LocalInstant = 0;
  /** The time to ask again by news since the last exchange began. */
  #wokenFor: LocalInstant = Number.POSITIVE_INFINITY;
  /** Whether news since the last exchange began told of a hold, so that its grants are void. */
  #isRecalled = false;
  /** Whether this process stands in the store's line for the bucket. */
  #isInLine = false;
  /** Whether a request has ended that the exchange in flight does not report. */
  hasUnsentEnd = false;
  /** Whether other processes wait for the bucket. */
  isWanted = false;
  /** Sub-limits that the store does not know. Until it does, no request may leave. */
  unreportedSubLimits: ToldSubLimit[] = [];
  /** Whether a credit was used since the last sweep. */
  isInUse = false;
  /** The part of the window that this process uses while the store cannot be reached. */
  offlineShare: OfflineShare | undefined;
  /** The latest end of a request without the store that no such part has counted. */
  #uncountedEnd: LocalInstant | undefined;
  readonly #reports = new Reports();
  /** Unused grants, by their mask of sub-limits: how many, and the latest of them. */
  readonly #credits = new Map<number, { count: number; grant: Grant }>();

  constructor(bucket: SharedBucket) {
    this.bucket = bucket;
  }

  get hasReports(): boolean {
    return !this.#reports.isEmpty;
  }

  get hasCredits(): boolean {
    return this.#credits.size > 0;
  }

  /** Whether there is anything to report or to ask. */
  get isActive(): boolean {
    return this.hasReports || this.hasCredits || this.unreportedSubLimits.length > 0 || this.bucket.demand.length > 0;
  }

  /** Whether the store need not hear of the bucket again. */
  get isSettled(): boolean {
    return this.stated === undefined && !this.isActive;
  }

  /** Requests in flight, with any mask. */
  get inFlight(): number {
    const { inFlightByMask: inFlight } = this.bucket;
    return typeof inFlight === 'number' ? inFlight : inFlight.reduce((total, [, count]) => total + count, 0);
  }

  /** The number of unused grants. */
  get credits(): number {
    let credits = 0;
    for (const { count } of this.#credits.values()) credits += count;
    return credits;
  }

  /** Whether other processes wait for the sake of this one, which has no request left for the bucket. */
  get blocksOthers(): boolean {
    return (this.#isInLine || (this.isWanted && this.hasCredits)) && this.bucket.demand.length === 0;
  }

  /** When to ask for requests with this mask; `Infinity`: when there is news. */
  askAt(mask: number): LocalInstant {
    return mask === 0 ? this.#askAt : Math.max(this.#askAt, this.#askMaskedAt);
  }

  /** Sets the time to ask again, for requests with any mask. */
  askFrom(at: LocalInstant): void {
    this.#askAt = this.#askMaskedAt = at;
  }

  /** News tell when to ask again. They may be newer than the reply of the exchange in flight. */
  wake(at: LocalInstant): void {
    this.askFrom(at);
    this.#wokenFor = Math.min(this.#wokenFor, at);
  }

  /** News tell of a hold. The exchange in flight may bring grants that are older. */
  recall(): void {
    this.dropCredits();
    this.askFrom(0);
    this.#isRecalled = true;
  }

  /** Learns from a reply when to ask again. */
  askAgain({ want }: BucketRequest, { wait, subWait, granted, hash }: BucketReply, now: LocalInstant): void {
    const isUnexplained = want && !granted && hash === undefined && wait === undefined && subWait === undefined;
    this.#askAt = Math.min(isUnexplained ? now + DEFAULT_WAIT : askAgainAt(wait, now), this.#wokenFor);
    this.#askMaskedAt = Math.min(askAgainAt(subWait, now), this.#wokenFor);
    this.#isInLine = wait !== undefined || subWait !== undefined;
  }

  hasCredit(mask: number): boolean {
    return this.#credits.has(mask);
  }

  /** Uses one credit. */
  spend(mask: number): Grant | undefined {
    const credit = this.#credits.get(mask);
    if (credit === undefined) return undefined;
    this.isInUse = true;
    if (--credit.count === 0) this.#credits.delete(mask);
    return credit.grant;
  }

  /** Takes the grants of a reply, made at `at` by the store's clock. @returns false when news have made them void. */
  credit({ granted = [], isInformed = false }: BucketReply, at: number, receivedAt: LocalInstant): boolean {
    if (this.#isRecalled) return false;
    for (const [mask, count] of granted) {
      const before = this.#credits.get(mask)?.count ?? 0;
      this.#credits.set(mask, { count: before + count, grant: { at, receivedAt, mask, isInformed } });
    }
    return true;
  }

  /** Gives up all unused grants. */
  dropCredits(): void {
    this.#credits.clear();
  }

  /** The wait for one of as many equal parts of the window as there are processes. */
  offlineWait(processes: number, now: LocalInstant): Duration {
    const { knownWindow } = this.bucket;
    if (knownWindow === undefined) return 0;
    const { limit, period } = knownWindow;
    this.offlineShare ??= this.#beginOfflineShare(limit, period, processes);
    this.offlineShare = this.offlineShare.fittedTo(limit, period, processes, now);
    return this.offlineShare.waitFor(now);
  }

  /** A request has ended while the store cannot be reached. */
  endOffline(now: LocalInstant): void {
    if (this.offlineShare === undefined) this.#uncountedEnd = now;
  }

  /** The store counts again. */
  endOfflineUse(): void {
    this.offlineShare = undefined;
    this.#uncountedEnd = undefined;
  }

  report(report: DatedReport): void {
    this.#reports.add(report);
  }

  /** The store did not hear this request, so its reports are made again. */
  restore(request: BucketRequest, sentAt: LocalInstant): void {
    this.#reports.restore(request.reports ?? [], sentAt);
    this.unreportedSubLimits = [...(request.subLimits ?? []), ...this.unreportedSubLimits];
  }

  /** Takes out all reports, and states what is held and wanted. */
  compose(now: LocalInstant, restatedWindow: Omit<Report, 'age'> | undefined): BucketRequest {
    const { bucket, unreportedSubLimits: subLimits } = this;
    const held = withCredits(bucket.inFlightByMask, this.#credits);
    const want = withoutCredits(bucket.demand, this.#credits);
    const reports = this.#reports.take(now);
    if (restatedWindow !== undefined) reports.unshift({ ...restatedWindow, age: 0 });
    this.unreportedSubLimits = [];
    this.hasUnsentEnd = false;
    this.hasMoved = false;
    this.#wokenFor = Number.POSITIVE_INFINITY;
    this.#isRecalled = false;
    const { identity } = bucket;
    const formerly = this.stated?.routes !== undefined && identity.routes === undefined ? this.stated.name : undefined;
    this.stated = held !== 0 || want.length > 0 ? identity : undefined;
    return {
      ...identity,
      ...(formerly !== undefined && { formerly }),
      held,
      subVersion: bucket.subVersion,
      ...(want.length > 0 && { want }),
      ...(want.length > 0 && bucket.isDemandExempt && { isExempt: true }),
      ...(reports.length > 0 && { reports }),
      ...(subLimits.length > 0 && { subLimits }),
    };
  }

  #beginOfflineShare(limit: number, period: Duration, processes: number): OfflineShare {
    const share = new OfflineShare(limit, period, processes);
    for (let count = this.inFlight; count > 0; count--) share.take();
    // The request that found out about the window counts in it.
    if (this.#uncountedEnd !== undefined) share.restore([this.#uncountedEnd]);
    return share;
  }
}

/** The time to ask again: `Infinity` when news will tell, 0 when nothing holds the requests. */
function askAgainAt(wait: Duration | undefined, now: LocalInstant): LocalInstant {
  if (wait === undefined) return 0;
  return wait < 0 ? Number.POSITIVE_INFINITY : now + Math.max(SHORTEST_WAIT, wait);
}

type Credits = ReadonlyMap<number, { readonly count: number }>;

function withCredits(inFlight: number | readonly MaskedCount[], credits: Credits): number | readonly MaskedCount[] {
  const plain = credits.get(0)?.count ?? 0;
  if (typeof inFlight === 'number' && credits.size <= (plain > 0 ? 1 : 0)) return inFlight + plain;
  const pairs = typeof inFlight === 'number' ? [[0, inFlight] as const] : inFlight;
  const held = [...pairs, ...[...credits].map(([mask, { count }]) => [mask, count] as const)];
  return held.filter(([, count]) => count > 0);
}

function withoutCredits(demand: readonly MaskedCount[], credits: Credits): readonly MaskedCount[] {
  if (credits.size === 0) return demand;
  return demand
    .map(([mask, count]) => [mask, count - (credits.get(mask)?.count ?? 0)] as const)
    .filter(([, count]) => count > 0);
}
