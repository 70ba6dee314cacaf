import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketReply, BucketRequest, MaskedCount, Report, ToldSubLimit } from './coordinator.js';
import { type DatedReport, Reports } from './reports.js';
import type { Share } from './share.js';

/** What names a bucket in the store. */
export type BucketIdentity = Pick<
  BucketRequest,
  'name' | 'hash' | 'apart' | 'parent' | 'origin' | 'routes' | 'isUnlimited'
>;

/** How long to wait before asking again what could not be granted, in ms; and if nothing was said of when. */
const SHORTEST_WAIT: Duration = 1;
const WAIT_IN_VAIN: Duration = 100;

/** A bucket, as its account sees it. */
export interface SharedBucket {
  readonly identity: BucketIdentity;
  /** Requests under way that may count and have not told so yet. */
  readonly underWay: number | readonly MaskedCount[];
  /** Requests that wait in line, by the sub-limits that concern them. */
  readonly demand: readonly MaskedCount[];
  /** Whether the global limit does not count what waits. */
  readonly isDemandExempt: boolean;
  /** Requests a window admits, and its length, as this process knows them; `undefined` before it has heard of any. */
  readonly knownWindow: { readonly limit: number; readonly period: Duration } | undefined;
  /** How long the window would make one more request wait as this process knows it; `Infinity` until one is answered. */
  ownWait(now: LocalInstant): Duration;
  /** How many sub-limits are known here. */
  readonly subVersion: number;
  /** All that is known of them. */
  toldSubLimits(now: LocalInstant): readonly ToldSubLimit[];
  /** What is known of the window, as if an answer had just told it; `undefined` when it does not matter any more. */
  retell(now: LocalInstant): Omit<Report, 'age'> | undefined;
  /** Takes over what the store tells. */
  learnFromStore(reply: BucketReply, now: LocalInstant): void;
  drain(): void;
}

/** What the store granted: when, by its own clock and by that of this process, and the sub-limits that count it. */
export interface Grant {
  readonly at: number;
  readonly receivedAt: LocalInstant;
  readonly mask: number;
  /** Whether the store knew the window of a bucket whose routes are taken to count apart. */
  readonly isInformed: boolean;
}

/** What a process has to do with one bucket in the store: what it was granted and has not used, and what it has to tell. */
export class Account {
  readonly bucket: SharedBucket;
  /** What the bucket was called when the store was told last that something of it is held or waited for. */
  stated: BucketIdentity | undefined;
  /** Whether the bucket may be called otherwise by now. */
  hasMoved = false;
  /** Asking before then is in vain; `Infinity`: until there is news. */
  #askAt: LocalInstant = 0;
  /** The same for what sub-limits concern. */
  #askMaskedAt: LocalInstant = 0;
  /** What news have told since the last exchange was begun. */
  #wokenFor: LocalInstant = Number.POSITIVE_INFINITY;
  #isRecalled = false;
  /** Whether the store expects this process to come for more. */
  #isInLine = false;
  /** Whether anything ended here that the exchange under way does not tell. */
  hasNews = false;
  /** Whether other processes wait for the bucket. */
  isWanted = false;
  /** Sub-limits that the store has not been told of; until it has, nothing may leave that they could concern. */
  untold: ToldSubLimit[] = [];
  /** Whether anything granted was used since the last heartbeat. */
  isInUse = false;
  /** What it may use at most while the store cannot be reached. */
  share: Share | undefined;
  /** When a request ended last that no share has counted. */
  uncountedAt: LocalInstant | undefined;
  readonly #reports = new Reports();
  /** Requests that may leave, by the sub-limits that count them, each with the latest grant. */
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

  /** Whether anything is to be told, or something waits that has to be asked for. */
  get isActive(): boolean {
    return this.hasReports || this.hasCredits || this.untold.length > 0 || this.bucket.demand.length > 0;
  }

  /** Of what was granted, how much has not been used. */
  get credits(): number {
    let credits = 0;
    for (const { count } of this.#credits.values()) credits += count;
    return credits;
  }

  /** Whether the store holds up others for the sake of this process, which does not want anything any more. */
  get isInTheWay(): boolean {
    return (this.#isInLine || (this.isWanted && this.hasCredits)) && this.bucket.demand.length === 0;
  }

  /** When what these sub-limits concern may be asked for; `Infinity`: when there is news. */
  askAt(mask: number): LocalInstant {
    return mask === 0 ? this.#askAt : Math.max(this.#askAt, this.#askMaskedAt);
  }

  /** Nothing is to be asked for before then. */
  askFrom(at: LocalInstant): void {
    this.#askAt = this.#askMaskedAt = at;
  }

  /** News tell when to ask. They may be newer than the reply to an exchange that is under way. */
  wake(at: LocalInstant): void {
    this.askFrom(at);
    this.#wokenFor = Math.min(this.#wokenFor, at);
  }

  /** News tell that nothing may leave. What the exchange under way grants was granted before. */
  recall(): void {
    this.dropCredits();
    this.askFrom(0);
    this.#isRecalled = true;
  }

  /** Takes over when to ask again for what was not granted. */
  askAgain({ want }: BucketRequest, { wait, subWait, granted, hash }: BucketReply, now: LocalInstant): void {
    const isInVain = want && !granted && hash === undefined && wait === undefined && subWait === undefined;
    this.#askAt = Math.min(isInVain ? now + WAIT_IN_VAIN : askAgainAt(wait, now), this.#wokenFor);
    this.#askMaskedAt = Math.min(askAgainAt(subWait, now), this.#wokenFor);
    this.#isInLine = wait !== undefined || subWait !== undefined;
  }

  hasCredit(mask: number): boolean {
    return this.#credits.has(mask);
  }

  /** Uses one of what was granted. */
  spend(mask: number): Grant | undefined {
    const credit = this.#credits.get(mask);
    if (credit === undefined) return undefined;
    this.isInUse = true;
    if (--credit.count === 0) this.#credits.delete(mask);
    return credit.grant;
  }

  /** So many more may leave, as the store granted at `at` by its clock; `false` when news have taken it back meanwhile. */
  credit({ granted = [], isInformed = false }: BucketReply, at: number, receivedAt: LocalInstant): boolean {
    if (this.#isRecalled) return false;
    for (const [mask, count] of granted) {
      const before = this.#credits.get(mask)?.count ?? 0;
      this.#credits.set(mask, { count: before + count, grant: { at, receivedAt, mask, isInformed } });
    }
    return true;
  }

  /** The store counts again. */
  forgetShare(): void {
    this.share = undefined;
    this.uncountedAt = undefined;
  }

  /** Gives up what was granted and has not been used. */
  dropCredits(): void {
    this.#credits.clear();
  }

  report(report: DatedReport): void {
    this.#reports.add(report);
  }

  /** The store did not hear the request: what it told has to be told again. */
  restore(request: BucketRequest, sentAt: LocalInstant): void {
    this.#reports.restore(request.reports ?? [], sentAt);
    this.untold = [...(request.subLimits ?? []), ...this.untold];
  }

  /** Takes out all there is to tell, and states what is held and wanted. */
  compose(now: LocalInstant, retold: Omit<Report, 'age'> | undefined): BucketRequest {
    const { bucket, untold } = this;
    const held = withCredits(bucket.underWay, this.#credits);
    const want = withoutCredits(bucket.demand, this.#credits);
    const reports = this.#reports.take(now);
    if (retold !== undefined) reports.unshift({ ...retold, age: 0 });
    this.untold = [];
    this.hasNews = false;
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
      ...(untold.length > 0 && { subLimits: untold }),
    };
  }
}

/** `Infinity` when news will tell, 0 when nothing was held. */
function askAgainAt(wait: Duration | undefined, now: LocalInstant): LocalInstant {
  if (wait === undefined) return 0;
  return wait < 0 ? Number.POSITIVE_INFINITY : now + Math.max(SHORTEST_WAIT, wait);
}

type Credits = ReadonlyMap<number, { readonly count: number }>;

function withCredits(underWay: number | readonly MaskedCount[], credits: Credits): number | readonly MaskedCount[] {
  const plain = credits.get(0)?.count ?? 0;
  if (typeof underWay === 'number' && credits.size <= (plain > 0 ? 1 : 0)) return underWay + plain;
  const pairs = typeof underWay === 'number' ? [[0, underWay] as const] : underWay;
  const held = [...pairs, ...[...credits].map(([mask, { count }]) => [mask, count] as const)];
  return held.filter(([, count]) => count > 0);
}

function withoutCredits(demand: readonly MaskedCount[], credits: Credits): readonly MaskedCount[] {
  if (credits.size === 0) return demand;
  return demand
    .map(([mask, count]) => [mask, count - (credits.get(mask)?.count ?? 0)] as const)
    .filter(([, count]) => count > 0);
}
