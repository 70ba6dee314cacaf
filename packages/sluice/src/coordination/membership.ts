import type { Clock, Timer } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Account, type BucketIdentity, type Grant, type SharedBucket } from './account.js';
import type {
  BucketReply,
  BucketRequest,
  Coordinator,
  MaskedCount,
  Report,
  SharedStore,
  StoreNews,
  StoreReply,
  StoreRequest,
  ToldSubLimit,
} from './coordinator.js';
import type { DatedReport } from './reports.js';
import { Share } from './share.js';
import { type SharedGate, Slots } from './slots.js';
import { Untold } from './untold.js';

/** How long after a failed exchange the next one is tried, in ms: at first, and at most. */
const FIRST_RETRY: Duration = 100;
const LONGEST_RETRY: Duration = 2_000;

/** The part of a lease for which what was granted is used: the rest is for requests on their way. */
const USABLE_LEASE = 0.8;

/** Exchanges in a lease, so that one or two may be late. */
const HEARTBEATS = 3;

/** A store may count in whole ms, later rather than earlier: who asks at the very instant is told to come a bit later. */
const STORE_PRECISION: Duration = 1;

/** How many buckets are kept in mind while the store cannot be reached. */
const MOST_ACCOUNTS = 10_000;

/** How many buckets an exchange speaks of at most, so that the store is not held up by one of them. */
const MOST_BUCKETS = 128;

/**
 * How a manager limits an authentication at present: not until it has heard of the store (`joining`), together with other
 * processes (`shared`), or alone with its share of the limits, as the store cannot be reached (`local`).
 */
export type MembershipState = 'joining' | 'shared' | 'local';

/** Whose membership it is. */
export interface MembershipHost {
  readonly clock: Clock;
  readonly gate: SharedGate;
  /** Buckets that have requests under way. */
  bucketsInUse(): Iterable<SharedBucket>;
  /** Lets everything that waits ask again. */
  drain(): void;
  /** All that is known of routes and hashes, to be told to a store that has forgotten it. */
  retell(untold: Untold): void;
  onState(state: MembershipState, reason: string): void;
  /** What others learned. */
  onRoute(identity: string, hash: string): void;
  onSharing(hash: string, isSplit: boolean, joins: number): void;
  onThrottled(duration: Duration): void;
  onLock(isLocked: boolean): void;
  onWebhook(majors: string, duration: Duration): void;
}

/** What concerns more than one bucket, as replies and news tell it. */
type LearnedByOthers = Pick<StoreNews, 'routes' | 'sharing' | 'throttle' | 'lock' | 'webhooks'>;

/** What an exchange was about. */
interface Collected {
  readonly request: StoreRequest;
  /** The account of each bucket of the request; `undefined` for one that only gives up its old name. */
  readonly accounts: readonly (Account | undefined)[];
  readonly startedAt: LocalInstant;
}

/**
 * The part that this process has in the limits of one authentication which all processes share. One exchange at a time
 * tells the store all that is new and asks for all that waits, so the more there is to do, the more each round trip does.
 */
export class Membership {
  readonly #coordinator: Coordinator;
  readonly #host: MembershipHost;
  readonly #store: SharedStore;
  readonly #slots: Slots;
  readonly #accounts = new Map<SharedBucket, Account>();
  readonly #byName = new Map<string, Account>();
  /** What the next exchange is to be about. */
  readonly #due = new Set<Account>();
  /** What has something to tell that nobody waits for: the next heartbeat takes it along. */
  readonly #idle = new Set<Account>();
  /** Names under which nothing is held any more. */
  readonly #leftNames = new Map<string, BucketIdentity>();
  #untold = new Untold();
  /** Buckets of which the store has heard since it knows anything. */
  #told = new WeakSet<SharedBucket>();
  #state: MembershipState = 'joining';
  #processes: number;
  #seq = 0;
  #epoch = '';
  #latest: { readonly now: number; readonly at: LocalInstant } | undefined;
  /** Until when what was granted may be used. */
  #validUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** When what nobody waits for is told next. */
  #sweepAt: LocalInstant = Number.NEGATIVE_INFINITY;
  #sweeps = 0;
  #isExchanging = false;
  #isScheduled = false;
  #retryIn: Duration = FIRST_RETRY;
  #timer: Timer | undefined;
  /** Whether anything was asked or told since the last heartbeat. */
  #isBusy = false;
  #isClosed = false;
  /** Whether the store was told that nothing is held here, and of nothing since. */
  #hasLeft = false;

  constructor(authentication: string, coordinator: Coordinator, host: MembershipHost) {
    this.#coordinator = coordinator;
    this.#host = host;
    this.#processes = coordinator.processes;
    this.#store = coordinator.open(authentication, (news) => this.#onNews(news));
    this.#slots = new Slots(host.gate, host.clock);
  }

  get state(): MembershipState {
    return this.#state;
  }

  /** Whether requests are rejected for as long as the store cannot be reached. */
  get rejects(): boolean {
    return this.#state === 'local' && this.#coordinator.onUnavailable === 'reject';
  }

  /**
   * How long a request that these sub-limits concern has to wait for what it shares with other processes; `Infinity` when
   * the store has to be asked, or will tell.
   */
  waitFor(bucket: SharedBucket, mask: number, now: LocalInstant): Duration {
    if (this.#state === 'local') return Math.max(bucket.ownWait(now), this.#shareOf(bucket, now)?.waitFor(now) ?? 0);
    if (now >= this.#validUntil) this.#lapse();
    const account = this.#accounts.get(bucket);
    if (account === undefined) return this.#guess(bucket, now);
    if (account.untold.length > 0) return Number.POSITIVE_INFINITY;
    if (account.hasCredit(mask)) return 0;
    const askAt = account.askAt(mask);
    if (askAt > now) return askAt - now;
    return account.isWanted ? Number.POSITIVE_INFINITY : this.#guess(bucket, now);
  }

  /** A request leaves. */
  spend(bucket: SharedBucket, mask: number): Grant | undefined {
    const account = this.#accounts.get(bucket);
    account?.share?.take();
    return account?.spend(mask);
  }

  /** Of what was granted for a bucket, how much has not been used. */
  creditsOf(bucket: SharedBucket): number {
    return this.#accounts.get(bucket)?.credits ?? 0;
  }

  /** Something that these sub-limits concern waits for the bucket, and cannot know for how long. */
  want(bucket: SharedBucket, mask: number, now: LocalInstant): void {
    if (this.#state === 'local') return;
    const account = this.#accountOf(bucket);
    if (account.askAt(mask) <= now) this.#ask(account);
  }

  /** Something that waited for the bucket does so no more. */
  withdrawn(bucket: SharedBucket): void {
    const account = this.#accounts.get(bucket);
    if (account?.isInTheWay && this.#state !== 'local') this.#giveWay(account);
  }

  /** Something waits for the global limit. */
  wantSlots(): void {
    if (this.#state !== 'local' && this.#slots.areWanted) this.#schedule();
  }

  /** A request that needed a slot of the global limit has ended. `isUsed` tells whether it may have counted. */
  slotEnded(isUsed: boolean): void {
    if (isUsed) this.#slots.noteUse();
    this.spareSlots();
  }

  /** Slots may be needed here no more that others want. */
  spareSlots(): void {
    if (this.#state === 'shared' && this.#slots.hasSurplus) this.#schedule();
  }

  /** A request has ended. `report` tells what came of it, and `isUrgent` whether others may wait for that. */
  ended(bucket: SharedBucket, report: DatedReport | undefined, isUrgent: boolean): void {
    const account = this.#accountOf(bucket);
    if (report) account.report(report);
    if (this.#state === 'local' && account.share === undefined) account.uncountedAt = this.#host.clock.now();
    this.#hasLeft = false;
    // This may be the news that was waited for, or tell of an earlier reset.
    account.askFrom(0);
    account.hasNews = true;
    // What the store does not reckon with under this name may seem free to others.
    const isUnheard = report !== undefined && (account.stated === undefined || account.hasMoved);
    if (this.#state !== 'local' && (isUrgent || isUnheard || account.isWanted)) {
      this.#ask(account);
      return;
    }
    this.#idle.add(account);
    if (this.#state !== 'local') this.#keepAlive();
  }

  /** A request to a bucket has ended, whatever became of it. */
  endShare(bucket: SharedBucket, now: LocalInstant): void {
    this.#accounts.get(bucket)?.share?.end(now);
  }

  /** Requests under way have come to a bucket, or left it for another one. */
  moved(bucket: SharedBucket): void {
    if (!this.#accounts.has(bucket) && bucket.underWay === 0) return;
    const account = this.#accountOf(bucket);
    account.hasMoved = true;
    if (bucket.demand.length === 0) account.dropCredits();
    this.#due.add(account);
    this.#isBusy = true;
  }

  /** A refusal taught a limit that no header shows. */
  learnSubLimit(bucket: SharedBucket, told: ToldSubLimit): void {
    const account = this.#accountOf(bucket);
    account.dropCredits();
    account.untold.push(told);
    this.#ask(account);
  }

  /** What concerns more than one bucket was learned. */
  tell(change: (untold: Untold) => void): void {
    change(this.#untold);
    this.#isBusy = true;
    if (this.#state !== 'local') this.#schedule();
  }

  /** Tells the store that nothing is held here any more. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (!this.#isExchanging) this.#leave();
  }

  /** Gives everything back; what fails of it ends with the lease. */
  #leave(): void {
    if (this.#state === 'shared' && !this.#hasLeft) this.#exchange(true);
    this.#hasLeft = true;
    this.#store.close();
  }

  #accountOf(bucket: SharedBucket): Account {
    const found = this.#accounts.get(bucket);
    if (found) return found;
    const account = new Account(bucket);
    this.#accounts.set(bucket, account);
    return account;
  }

  /** What is known here spares asking in vain; what nobody here knows has to be asked. */
  #guess(bucket: SharedBucket, now: LocalInstant): Duration {
    const wait = bucket.ownWait(now);
    return wait > 0 && this.#state === 'shared' ? wait + STORE_PRECISION : Number.POSITIVE_INFINITY;
  }

  /** What this process may use of a window alone; `undefined` where it is the only one, or nothing is known. */
  #shareOf(bucket: SharedBucket, now: LocalInstant): Share | undefined {
    const { knownWindow } = bucket;
    if (this.#processes <= 1 || knownWindow === undefined) return undefined;
    const account = this.#accountOf(bucket);
    if (account.share === undefined) {
      account.share = new Share(knownWindow.limit, knownWindow.period, this.#processes);
      for (let count = totalOf(bucket.underWay); count > 0; count--) account.share.take();
      // The request that found out about the window stands in it.
      if (account.uncountedAt !== undefined) account.share.restore([account.uncountedAt]);
    }
    account.share = account.share.fittedTo(knownWindow.limit, knownWindow.period, this.#processes, now);
    return account.share;
  }

  #ask(account: Account): void {
    this.#due.add(account);
    this.#schedule();
  }

  #schedule(): void {
    this.#isBusy = true;
    this.#hasLeft = false;
    if (this.#isScheduled || this.#isExchanging || this.#isClosed) return;
    this.#isScheduled = true;
    this.#store.whenReady(() => {
      this.#isScheduled = false;
      if (!this.#isExchanging && !this.#isClosed) this.#exchange(false);
    });
  }

  async #exchange(leaves: boolean): Promise<void> {
    this.#isExchanging = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    const collected = this.#collect(leaves);
    const reply = await this.#store.exchange(collected.request).catch((error: unknown) => new Failure(error));
    this.#isExchanging = false;
    if (this.#isClosed) this.#leave();
    else if (reply instanceof Failure) this.#onFailure(reply.reason, collected);
    else if (reply.isStale) this.#onFailure('an exchange arrived too late', collected);
    else this.#onReply(reply, collected);
  }

  #collect(leaves: boolean): Collected {
    const now = this.#host.clock.now();
    const accounts: (Account | undefined)[] = [];
    const buckets: BucketRequest[] = [];
    this.#sweep(now);
    for (const account of this.#due) {
      if (buckets.length >= MOST_BUCKETS) break;
      this.#due.delete(account);
      this.#idle.delete(account);
      this.#rename(account);
      buckets.push(account.compose(now, this.#retell(account, now)));
      accounts.push(account);
      this.#byName.set(account.bucket.identity.name, account);
    }
    for (const [name, identity] of this.#leftNames) {
      this.#leftNames.delete(name);
      if (this.#byName.has(name)) continue;
      buckets.push({ ...identity, held: 0, subVersion: 0 });
      accounts.push(undefined);
    }
    this.#isBusy = false;
    const request = {
      seq: ++this.#seq,
      ...(this.#state !== 'shared' && { joins: true }),
      ...(this.#epoch !== '' && { epoch: this.#epoch }),
      ...(this.#latest && { previous: this.#latest.now, elapsed: now - this.#latest.at }),
      ...this.#untold.take(),
      ...this.#slots.compose(this.#state === 'shared', leaves, now),
      buckets,
      ...(leaves && { leaves }),
    };
    return { request, accounts, startedAt: now };
  }

  /** What a bucket was called before has nothing in it any more. */
  #rename(account: Account): void {
    const { stated, bucket } = account;
    if (stated === undefined || stated.name === bucket.identity.name) return;
    this.#leftNames.set(stated.name, stated);
    if (this.#byName.get(stated.name) === account) this.#byName.delete(stated.name);
  }

  /** A store that has not heard of a bucket is told what is known here of its window. */
  #retell(account: Account, now: LocalInstant): Omit<Report, 'age'> | undefined {
    if (this.#told.has(account.bucket)) return undefined;
    this.#told.add(account.bucket);
    return account.hasReports ? undefined : account.bucket.retell(now);
  }

  #onReply(reply: StoreReply, collected: Collected): void {
    const now = this.#host.clock.now();
    const wasShared = this.#state === 'shared';
    const isNewEpoch = this.#epoch !== '' && reply.epoch !== this.#epoch;
    this.#note(reply, collected.startedAt);
    if (isNewEpoch) this.#retellAll();
    if (reply.joined || isNewEpoch) this.#restate(collected);
    this.#learn(reply);
    // What was granted long ago, as this process was suspended meanwhile, others may be using by now.
    const isLate = now >= this.#validUntil;
    if (!wasShared) this.#slots.disown(collected.startedAt);
    if (isLate) this.#lapse();
    else this.#slots.own(reply, now);
    if (!wasShared && !isLate) this.#become('shared', 'the store answered');
    this.#settleAll(reply, collected, isLate ? undefined : reply.now, now);
    if (!wasShared) this.#host.drain();
    this.#host.gate.serve();
    if (this.#due.size > 0 || this.#isBusy || this.#slots.hasSurplus) this.#schedule();
    else this.#keepAlive();
  }

  #note(reply: StoreReply, startedAt: LocalInstant): void {
    this.#epoch = reply.epoch;
    this.#latest = { now: reply.now, at: startedAt };
    this.#processes = Math.max(1, reply.processes);
    this.#validUntil = startedAt + this.#coordinator.lease * USABLE_LEASE;
    this.#retryIn = FIRST_RETRY;
    this.#slots.note(reply);
  }

  /** What others have learned. */
  #learn({ routes = [], sharing = [], throttle, lock, webhooks = [] }: LearnedByOthers): void {
    const host = this.#host;
    for (const told of routes) host.onRoute(...told);
    for (const told of sharing) host.onSharing(...told);
    for (const told of webhooks) host.onWebhook(...told);
    if (throttle !== undefined) host.onThrottled(throttle);
    if (lock !== undefined) host.onLock(lock);
  }

  #settleAll(
    { buckets }: StoreReply,
    { accounts, request }: Collected,
    grantedAt: number | undefined,
    now: LocalInstant,
  ): void {
    for (const [index, account] of accounts.entries()) {
      const asked = request.buckets[index];
      if (account && asked) this.#settle(account, asked, buckets[index] ?? {}, grantedAt, now);
    }
  }

  #settle(
    account: Account,
    asked: BucketRequest,
    reply: BucketReply,
    grantedAt: number | undefined,
    now: LocalInstant,
  ): void {
    if (grantedAt === undefined || !account.credit(reply, grantedAt, now)) this.#due.add(account);
    account.isWanted = reply.isWanted === true;
    account.askAgain(asked, reply, now);
    if (account.hasNews) account.askFrom(0);
    this.#learnOfBucket(account, reply, now);
    if (reply.lacksSubLimits) this.#retellSubLimits(account, now);
    if (reply.hash !== undefined && reply.route !== undefined) this.#host.onRoute(reply.route, reply.hash);
    account.bucket.drain();
    if (account.isInTheWay) this.#giveWay(account);
    else if (account.isWanted && account.hasNews) this.#due.add(account);
    const isDone = account.stated === undefined && !account.isActive;
    if (isDone && !this.#due.has(account) && !this.#idle.has(account)) this.#forget(account, asked.name);
  }

  /** What was granted before a sub-limit was known is of no use to what it concerns. */
  #learnOfBucket(account: Account, reply: BucketReply, now: LocalInstant): void {
    const { bucket } = account;
    const { subVersion } = bucket;
    bucket.learnFromStore(reply, now);
    if (bucket.subVersion === subVersion || !account.hasCredits) return;
    account.dropCredits();
    this.#due.add(account);
  }

  /** The store does not know what is limited here. */
  #retellSubLimits(account: Account, now: LocalInstant): void {
    account.untold.push(...account.bucket.toldSubLimits(now));
    this.#due.add(account);
  }

  #forget(account: Account, name: string): void {
    this.#accounts.delete(account.bucket);
    if (this.#byName.get(name) === account) this.#byName.delete(name);
  }

  #onFailure(reason: string, { request, accounts, startedAt }: Collected): void {
    this.#untold.restore(request);
    for (const [index, account] of accounts.entries()) {
      const asked = request.buckets[index];
      if (asked === undefined) continue;
      if (account === undefined) this.#leftNames.set(asked.name, asked);
      else this.#due.add(account);
      account?.restore(asked, startedAt);
    }
    // Whether the store heard it is not known: what it granted is given up, and told as not held.
    this.#dropCredits();
    if (this.#state !== 'local') this.#beLocal(reason);
    if (this.#accounts.size > MOST_ACCOUNTS) this.#forgetIdle();
    this.#setTimer(this.#retryIn * (1 + Math.random()));
    this.#retryIn = Math.min(LONGEST_RETRY, this.#retryIn * 2);
  }

  /** While the store is away for long, what is not in use is not worth to be told any more. */
  #forgetIdle(): void {
    for (const [bucket, account] of this.#accounts) {
      if (totalOf(bucket.underWay) > 0 || bucket.demand.length > 0) continue;
      this.#accounts.delete(bucket);
      this.#due.delete(account);
      this.#idle.delete(account);
    }
  }

  /** The store cannot be reached: this process goes on with its share of what is known, or not at all. */
  #beLocal(reason: string): void {
    this.#dropCredits();
    this.#slots.ownShare(this.#processes);
    this.#become('local', reason);
    this.#host.drain();
    this.#host.gate.serve();
  }

  #become(state: MembershipState, reason: string): void {
    this.#state = state;
    if (state === 'shared') for (const account of this.#accounts.values()) account.forgetShare();
    this.#host.onState(state, reason);
  }

  /** The store is told of all that is under way, as it does not reckon with it. */
  #restate({ accounts }: Collected): void {
    const heard = new Set(accounts);
    for (const account of this.#accounts.values()) {
      if (heard.has(account)) continue;
      account.dropCredits();
      this.#due.add(account);
    }
    for (const bucket of this.#host.bucketsInUse()) {
      const account = this.#accountOf(bucket);
      if (!heard.has(account)) this.#due.add(account);
    }
    if (this.#due.size > 0) this.#isBusy = true;
  }

  #retellAll(): void {
    this.#told = new WeakSet();
    this.#host.retell(this.#untold);
    this.#isBusy = true;
  }

  /** This process was not heard of for so long that others may use what it was granted. */
  #lapse(): void {
    if (this.#state !== 'shared') return;
    this.#dropCredits();
    this.#slots.lapse();
    this.#become('joining', 'the lease ran out');
    this.#schedule();
  }

  #dropCredits(): void {
    for (const account of this.#accounts.values()) {
      if (account.hasCredits) this.#due.add(account);
      account.dropCredits();
      account.askFrom(0);
    }
  }

  /** As long as anything is held or waited for, the store hears of this process. */
  #keepAlive(): void {
    if (this.#timer === undefined && !this.#isExchanging && !this.#isClosed && !this.#hasLeft) {
      this.#setTimer(this.#coordinator.lease / HEARTBEATS);
    }
  }

  #setTimer(delay: Duration): void {
    const { clock } = this.#host;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(clock.now() + delay, () => this.#onTimer(), { keepsProcessAlive: false });
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#isExchanging || this.#isClosed) return;
    const leaves = this.#state === 'shared' && this.#isIdle();
    if (!leaves) {
      this.#exchange(false);
    } else if (!this.#hasLeft) {
      this.#exchange(true);
      this.#hasLeft = true;
      this.#validUntil = Number.NEGATIVE_INFINITY;
    }
  }

  /** Whether nothing is held here, waited for, or to be told. */
  #isIdle(): boolean {
    const isQuiet = this.#due.size + this.#idle.size === 0 && !this.#isBusy;
    return isQuiet && this.#slots.areIdle && !this.#holdsAnything();
  }

  /**
   * From time to time, what nobody waits for is told, what was granted and is not used goes back, and whoever waits asks
   * again, as news may have been lost. What is in use tells with what it asks for, and is left alone for longer.
   */
  #sweep(now: LocalInstant): void {
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + this.#coordinator.lease / HEARTBEATS;
    const isThorough = ++this.#sweeps % HEARTBEATS === 0;
    for (const account of this.#idle) if (isThorough || !account.isInUse) this.#due.add(account);
    for (const account of this.#accounts.values()) {
      const isWaiting = account.bucket.demand.length > 0;
      const isUnused = !isWaiting && !account.isInUse && account.hasCredits;
      if (isWaiting || isUnused) this.#due.add(account);
      if (isUnused) account.dropCredits();
      account.isInUse = false;
    }
  }

  #holdsAnything(): boolean {
    for (const { stated } of this.#accounts.values()) if (stated !== undefined) return true;
    return false;
  }

  #onNews(news: StoreNews): void {
    if (this.#isClosed || this.#state === 'local') return;
    const now = this.#host.clock.now();
    this.#learn(news);
    for (const name of news.held ?? []) this.#returnCredits(this.#byName.get(name));
    for (const name of news.wanted ?? []) this.#onWanted(this.#byName.get(name));
    for (const [name, wait] of news.wake ?? []) this.#wake(this.#byName.get(name), now + wait);
    if (news.share !== undefined) this.#onShare(news.share);
    if (news.slots) this.#onSlots();
    if (news.isGap) this.#onGap(now);
  }

  /** Whoever waits asks again, as news may have been missed. */
  #onGap(now: LocalInstant): void {
    for (const account of this.#accounts.values()) this.#wake(account, now);
    this.#onSlots();
  }

  #onShare(share: number): void {
    this.#slots.onShare(share);
    this.spareSlots();
  }

  /** There are slots of the global limit to be had. */
  #onSlots(): void {
    this.#slots.onOffer();
    this.#schedule();
  }

  #wake(account: Account | undefined, at: LocalInstant): void {
    if (account === undefined) return;
    account.wake(at);
    account.bucket.drain();
  }

  /** Others wait for what is held here and not used. */
  #onWanted(account: Account | undefined): void {
    if (account === undefined) return;
    account.isWanted = true;
    if (account.bucket.demand.length === 0) this.#giveWay(account);
    else this.#ask(account);
  }

  /** Nothing waits here for what others wait for. */
  #giveWay(account: Account): void {
    account.dropCredits();
    this.#ask(account);
  }

  #returnCredits(account: Account | undefined): void {
    if (account === undefined) return;
    account.recall();
    this.#ask(account);
  }
}

/** Why an exchange did not take place. */
class Failure {
  readonly reason: string;

  constructor(error: unknown) {
    this.reason = error instanceof Error ? error.message : String(error);
  }
}

function totalOf(held: number | readonly MaskedCount[]): number {
  return typeof held === 'number' ? held : held.reduce((total, [, count]) => total + count, 0);
}
