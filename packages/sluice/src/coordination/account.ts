import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketReply, BucketRequest, MaskedCount, Report, ToldSubLimit } from './coordinator.js';
import { type DatedReport, folded } from './reports.js';
import type { Share } from './share.js';

/** What names a bucket in the store. */
export type BucketIdentity = Pick<
  BucketRequest,
  'name' | 'hash' | 'apart' | 'parent' | 'origin' | 'routes' | 'isUnlimited'
>;

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

/** Reports that are kept while the store cannot be reached; the newest tell the most. */
const MOST_REPORTS = 64;

/** What a process has to do with one bucket in the store: what it was granted and has not used, and what it has to tell. */
export class Account {
  readonly bucket: SharedBucket;
  /** What the bucket was called when the store was told last that something of it is held or waited for. */
  stated: BucketIdentity | undefined;
  /** Asking before then is in vain; `Infinity`: until there is news. */
  askAt: LocalInstant = 0;
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
  #reports: DatedReport[] = [];
  /** Requests that may leave, by the sub-limits that count them, each with the latest grant. */
  readonly #credits = new Map<number, { count: number; grant: Grant }>();

  constructor(bucket: SharedBucket) {
    this.bucket = bucket;
  }

  get hasReports(): boolean {
    return this.#reports.length > 0;
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

  /** So many more may leave, as the store granted at `at` by its clock. */
  credit({ granted = [], isInformed = false }: BucketReply, at: number, receivedAt: LocalInstant): void {
    for (const [mask, count] of granted) {
      const before = this.#credits.get(mask)?.count ?? 0;
      this.#credits.set(mask, { count: before + count, grant: { at, receivedAt, mask, isInformed } });
    }
  }

  /** Gives up what was granted and has not been used. */
  dropCredits(): void {
    this.#credits.clear();
  }

  report(report: Omit<Report, 'age'>, receivedAt: LocalInstant): void {
    this.#reports.push({ ...report, receivedAt });
    if (this.#reports.length >= MOST_REPORTS) this.#reports = folded(this.#reports).slice(-MOST_REPORTS / 2);
  }

  /** The store did not hear the request: what it told has to be told again. */
  restore(request: BucketRequest, sentAt: LocalInstant): void {
    const again = (request.reports ?? []).map(({ age, ...report }) => ({ ...report, receivedAt: sentAt - age }));
    this.#reports = [...again, ...this.#reports].slice(-MOST_REPORTS);
    this.untold = [...(request.subLimits ?? []), ...this.untold];
  }

  /** Takes out all there is to tell, and states what is held and wanted. */
  compose(now: LocalInstant, retold: Omit<Report, 'age'> | undefined): BucketRequest {
    const { bucket, untold } = this;
    const held = withCredits(bucket.underWay, this.#credits);
    const want = withoutCredits(bucket.demand, this.#credits);
    const reports = folded(this.#reports).map(({ receivedAt, ...report }) => ({ ...report, age: now - receivedAt }));
    if (retold !== undefined) reports.unshift({ ...retold, age: 0 });
    this.#reports = [];
    this.untold = [];
    this.hasNews = false;
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
