import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketRequest, Report } from './coordinator.js';
import { type BucketIdentity, Ledger, type SharedBucket } from './ledger.js';

/** The most buckets that one exchange names, so that it does not hold up the store. */
const MOST_BUCKETS_PER_EXCHANGE = 128;

/** The most ledgers to keep while the store cannot be reached. */
const MOST_LEDGERS = 10_000;

/** One sweep in three reports the ends in buckets that are in use, too. */
const SWEEPS_PER_THOROUGH_ONE = 3;

/** The part of an exchange that concerns buckets. */
export interface BucketRequests {
  readonly buckets: readonly BucketRequest[];
  /** The ledger of each bucket; `undefined` for a name that is only given up. */
  readonly ledgers: readonly (Ledger | undefined)[];
}

/** The ledgers of all buckets, and which of them the next exchange names. */
export class Ledgers {
  readonly #sweepPeriod: Duration;
  readonly #byBucket = new Map<SharedBucket, Ledger>();
  readonly #byName = new Map<string, Ledger>();
  /** The next exchange names them. */
  readonly #due = new Set<Ledger>();
  /** They have something to report that nobody waits for: the next sweep makes them due. */
  readonly #idle = new Set<Ledger>();
  /** Names that the store knows and nothing is held under any more. */
  readonly #leftNames = new Map<string, BucketIdentity>();
  /** Buckets whose windows the store knows from this process. */
  #stated = new WeakSet<SharedBucket>();
  #sweepAt: LocalInstant = Number.NEGATIVE_INFINITY;
  #sweeps = 0;

  constructor(sweepPeriod: Duration) {
    this.#sweepPeriod = sweepPeriod;
  }

  /** Whether the next exchange names any bucket. */
  get hasDue(): boolean {
    return this.#due.size > 0;
  }

  /** Whether nothing is held, waited for, or to be reported. */
  get areSettled(): boolean {
    return this.#due.size + this.#idle.size === 0 && !this.#holdAnything();
  }

  of(bucket: SharedBucket): Ledger | undefined {
    return this.#byBucket.get(bucket);
  }

  /** The ledger that the store knows by this name. */
  named(name: string): Ledger | undefined {
    return this.#byName.get(name);
  }

  all(): Iterable<Ledger> {
    return this.#byBucket.values();
  }

  /** The ledger of a bucket, which is opened if there is none. */
  open(bucket: SharedBucket): Ledger {
    const found = this.#byBucket.get(bucket);
    if (found) return found;
    const ledger = new Ledger(bucket);
    this.#byBucket.set(bucket, ledger);
    return ledger;
  }

  setDue(ledger: Ledger): void {
    this.#due.add(ledger);
  }

  setIdle(ledger: Ledger): void {
    this.#idle.add(ledger);
  }

  /** Takes out what the next exchange says of buckets. */
  take(now: LocalInstant): BucketRequests {
    this.#sweep(now);
    const ledgers: (Ledger | undefined)[] = [];
    const buckets: BucketRequest[] = [];
    for (const ledger of this.#due) {
      if (buckets.length >= MOST_BUCKETS_PER_EXCHANGE) break;
      this.#due.delete(ledger);
      this.#idle.delete(ledger);
      this.#leaveName(ledger);
      buckets.push(ledger.compose(now, this.#restatedWindow(ledger, now)));
      ledgers.push(ledger);
      this.#byName.set(ledger.bucket.identity.name, ledger);
    }
    for (const identity of this.#takeLeftNames()) {
      buckets.push({ ...identity, held: 0, subVersion: 0 });
      ledgers.push(undefined);
    }
    return { buckets, ledgers };
  }

  /** Takes back what the store did not hear. */
  restore({ buckets, ledgers }: BucketRequests, sentAt: LocalInstant): void {
    for (const [index, ledger] of ledgers.entries()) {
      const asked = buckets[index];
      if (asked === undefined) continue;
      if (ledger === undefined) this.#leftNames.set(asked.name, asked);
      else this.#due.add(ledger);
      ledger?.restore(asked, sentAt);
    }
  }

  /** States all buckets in use, except those just heard, to a store that did not count on this process. */
  restate(heard: readonly (Ledger | undefined)[], inUse: Iterable<SharedBucket>): void {
    const isKnown = new Set(heard);
    for (const ledger of this.#byBucket.values()) {
      if (isKnown.has(ledger)) continue;
      ledger.dropCredits();
      this.#due.add(ledger);
    }
    for (const bucket of inUse) {
      const ledger = this.open(bucket);
      if (!isKnown.has(ledger)) this.#due.add(ledger);
    }
  }

  /** The store has forgotten all windows. */
  restateWindows(): void {
    this.#stated = new WeakSet();
  }

  /** Grants are good no more. */
  dropCredits(): void {
    for (const ledger of this.#byBucket.values()) {
      if (ledger.hasCredits) this.#due.add(ledger);
      ledger.dropCredits();
      ledger.askFrom(0);
    }
  }

  /** The store can be reached again. */
  endOfflineUse(): void {
    for (const ledger of this.#byBucket.values()) ledger.endOfflineUse();
  }

  /** Forgets a ledger that the exchange named `name` and that has nothing more to say. */
  forgetIfSettled(ledger: Ledger, name: string): void {
    if (!ledger.isSettled || this.#due.has(ledger) || this.#idle.has(ledger)) return;
    this.#byBucket.delete(ledger.bucket);
    if (this.#byName.get(name) === ledger) this.#byName.delete(name);
  }

  /** Forgets buckets out of use, if there are too many: the store will not need their reports after a long outage. */
  forgetUnused(): void {
    if (this.#byBucket.size <= MOST_LEDGERS) return;
    for (const [bucket, ledger] of this.#byBucket) {
      if (ledger.inFlight > 0 || bucket.demand.length > 0) continue;
      this.#byBucket.delete(bucket);
      this.#due.delete(ledger);
      this.#idle.delete(ledger);
    }
    for (const [name, { bucket }] of this.#byName) if (!this.#byBucket.has(bucket)) this.#byName.delete(name);
  }

  /** Gives up the name of a bucket that has another one now. */
  #leaveName(ledger: Ledger): void {
    const { stated, bucket } = ledger;
    if (stated === undefined || stated.name === bucket.identity.name) return;
    this.#leftNames.set(stated.name, stated);
    if (this.#byName.get(stated.name) === ledger) this.#byName.delete(stated.name);
  }

  #takeLeftNames(): readonly BucketIdentity[] {
    const left = [...this.#leftNames.values()].filter(({ name }) => !this.#byName.has(name));
    this.#leftNames.clear();
    return left;
  }

  /** The window of a bucket that the store has not heard of, as this process knows it. */
  #restatedWindow(ledger: Ledger, now: LocalInstant): Omit<Report, 'age'> | undefined {
    if (this.#stated.has(ledger.bucket)) return undefined;
    this.#stated.add(ledger.bucket);
    return ledger.hasReports ? undefined : ledger.bucket.restate(now);
  }

  /**
   * Once per period, reports that nobody waits for become due, unused grants go back, and waiting requests are asked
   * for again, because news may have been lost. Buckets in use report when they ask, and so are left alone for longer.
   */
  #sweep(now: LocalInstant): void {
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + this.#sweepPeriod;
    const isThorough = ++this.#sweeps % SWEEPS_PER_THOROUGH_ONE === 0;
    for (const ledger of this.#idle) if (isThorough || !ledger.isInUse) this.#due.add(ledger);
    for (const ledger of this.#byBucket.values()) {
      const isWaiting = ledger.bucket.demand.length > 0;
      const isUnused = !isWaiting && !ledger.isInUse && ledger.hasCredits;
      if (isWaiting || isUnused) this.#due.add(ledger);
      if (isUnused) ledger.dropCredits();
      ledger.isInUse = false;
    }
  }

  #holdAnything(): boolean {
    for (const { stated } of this.#byBucket.values()) if (stated !== undefined) return true;
    return false;
  }
}
