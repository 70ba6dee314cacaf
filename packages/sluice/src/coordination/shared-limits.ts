import type { Clock } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { BucketReplies } from './bucket-replies.js';
import type { Coordinator, SharedStore, StoreNews, StoreReply, StoreRequest, ToldSubLimit } from './coordinator.js';
import { Exchanges } from './exchanges.js';
import { Lease, type LeaseState } from './lease.js';
import type { Grant, Ledger, SharedBucket } from './ledger.js';
import { type BucketRequests, Ledgers } from './ledgers.js';
import { Outbox } from './outbox.js';
import type { DatedReport } from './reports.js';
import { type SharedGate, Slots } from './slots.js';

/**
 * The store may round its times up to whole ms: a request at the very instant of a reset is told to wait a bit longer.
 */
const STORE_PRECISION: Duration = 1;

/** The owner of the shared limits. */
export interface SharedLimitsHost {
  readonly clock: Clock;
  readonly gate: SharedGate;
  /** Buckets that have requests in flight. */
  bucketsInUse(): Iterable<SharedBucket>;
  /** Asks the rules again for every request that waits. */
  dispatch(): void;
  /** Puts all knowledge of routes and hashes into the outbox, for a store that has forgotten it. */
  restate(outbox: Outbox): void;
  onState(state: LeaseState, reason: string): void;
  /** Another process learned the bucket hash of a route; `''`: the route has no limits. */
  onRoute(identity: string, hash: string): void;
  /** Another process learned whether the routes of a hash count apart. */
  onGrouping(hash: string, isSplit: boolean, joins: number): void;
  onThrottled(duration: Duration): void;
  onLock(isLocked: boolean): void;
  onWebhook(majors: string, duration: Duration): void;
}

/** The parts of replies and news that concern more than one bucket. */
type LearnedByOthers = Pick<StoreNews, 'routes' | 'sharing' | 'throttle' | 'lock' | 'webhooks'>;

/** A request to the store, and what it was made from. */
interface Collected extends BucketRequests {
  readonly request: StoreRequest;
  readonly startedAt: LocalInstant;
}

/**
 * The limits of one authentication that all processes share, as one process sees them: what its buckets and its gate
 * ask and report, and what replies and news of the store tell.
 */
export class SharedLimits {
  readonly #coordinator: Coordinator;
  readonly #host: SharedLimitsHost;
  readonly #store: SharedStore;
  readonly #slots: Slots;
  readonly #lease: Lease;
  readonly #ledgers: Ledgers;
  readonly #bucketReplies: BucketReplies;
  readonly #exchanges: Exchanges<Collected, StoreReply>;
  readonly #outbox = new Outbox();
  #processes: number;
  #seq = 0;
  #epoch = '';
  /** The store's time in its last reply, and when that exchange began here. */
  #latest: { readonly now: number; readonly at: LocalInstant } | undefined;

  constructor(authentication: string, coordinator: Coordinator, host: SharedLimitsHost) {
    this.#coordinator = coordinator;
    this.#host = host;
    this.#processes = coordinator.processes;
    this.#lease = new Lease(coordinator.lease);
    this.#ledgers = new Ledgers(this.#lease.heartbeat);
    this.#store = coordinator.open(authentication, (news) => this.#onNews(news));
    this.#slots = new Slots(host.gate, host.clock);
    this.#bucketReplies = new BucketReplies(this.#ledgers, {
      ask: (ledger) => this.#ask(ledger),
      onRoute: (identity, hash) => host.onRoute(identity, hash),
    });
    this.#exchanges = this.#createExchanges();
  }

  get state(): LeaseState {
    return this.#lease.state;
  }

  /** Whether requests are rejected for as long as the store cannot be reached. */
  get rejects(): boolean {
    return this.state === 'local' && this.#coordinator.onUnavailable === 'reject';
  }

  /**
   * The wait of a request with this mask of sub-limits for what it shares with other processes; `Infinity` until the
   * store has been asked, or has news.
   */
  waitFor(bucket: SharedBucket, mask: number, now: LocalInstant): Duration {
    if (this.state === 'local') return this.#localWait(bucket, now);
    if (!this.#lease.isGood(now)) this.#lapse();
    const ledger = this.#ledgers.of(bucket);
    if (ledger === undefined) return this.#estimate(bucket, now);
    if (ledger.unreportedSubLimits.length > 0) return Number.POSITIVE_INFINITY;
    if (ledger.hasCredit(mask)) return 0;
    const askAt = ledger.askAt(mask);
    if (askAt > now) return askAt - now;
    return ledger.isWanted ? Number.POSITIVE_INFINITY : this.#estimate(bucket, now);
  }

  /** A request leaves. @returns the grant that it uses. */
  spend(bucket: SharedBucket, mask: number): Grant | undefined {
    const ledger = this.#ledgers.of(bucket);
    ledger?.offlineShare?.take();
    return ledger?.spend(mask);
  }

  /** Grants for a bucket that have not been used. */
  creditsOf(bucket: SharedBucket): number {
    return this.#ledgers.of(bucket)?.credits ?? 0;
  }

  /** A request with this mask waits for the bucket, and only the store can tell how long. */
  want(bucket: SharedBucket, mask: number, now: LocalInstant): void {
    if (this.state === 'local') return;
    const ledger = this.#ledgers.open(bucket);
    if (ledger.askAt(mask) <= now) this.#ask(ledger);
  }

  /** A request that waited for the bucket has gone. */
  withdrawn(bucket: SharedBucket): void {
    const ledger = this.#ledgers.of(bucket);
    if (ledger?.blocksOthers && this.state !== 'local') this.#bucketReplies.giveWay(ledger);
  }

  /** A request waits for the global limit. */
  wantSlots(): void {
    if (this.state !== 'local' && this.#slots.areWanted) this.#exchanges.request();
  }

  /** A request that needed a slot of the global limit has ended. `isUsed`: the server may have counted it. */
  slotEnded(isUsed: boolean): void {
    if (isUsed) this.#slots.noteUse();
    this.spareSlots();
  }

  /** This process may own slots that it does not need and other processes do. */
  spareSlots(): void {
    if (this.state === 'shared' && this.#slots.hasSurplus) this.#exchanges.request();
  }

  /** A request has ended with this report. `isUrgent`: other processes may wait for it. */
  ended(bucket: SharedBucket, report: DatedReport | undefined, isUrgent: boolean): void {
    const ledger = this.#ledgers.open(bucket);
    if (report) ledger.report(report);
    if (this.state === 'local') ledger.endOffline(this.#host.clock.now());
    this.#exchanges.noteHeld();
    // A waiting request may be waiting for this, or the reset may be earlier than was thought.
    ledger.askFrom(0);
    ledger.hasUnsentEnd = true;
    // A request that the store does not count under this name may seem free to other processes.
    const isUnheard = report !== undefined && (ledger.stated === undefined || ledger.hasMoved);
    if (this.state !== 'local' && (isUrgent || isUnheard || ledger.isWanted)) {
      this.#ask(ledger);
      return;
    }
    this.#ledgers.setIdle(ledger);
    if (this.state !== 'local') this.#exchanges.keepAlive();
  }

  /** A request to a bucket has ended, in whatever way. */
  offlineUseEnded(bucket: SharedBucket, now: LocalInstant): void {
    this.#ledgers.of(bucket)?.offlineShare?.end(now);
  }

  /** Requests in flight have come to a bucket, or left it for another one. */
  moved(bucket: SharedBucket): void {
    if (!this.#ledgers.of(bucket) && bucket.inFlightByMask === 0) return;
    const ledger = this.#ledgers.open(bucket);
    ledger.hasMoved = true;
    if (bucket.demand.length === 0) ledger.dropCredits();
    this.#ledgers.setDue(ledger);
    this.#exchanges.noteUnsent();
  }

  /** A refusal showed a limit that no header shows. */
  learnSubLimit(bucket: SharedBucket, subLimit: ToldSubLimit): void {
    const ledger = this.#ledgers.open(bucket);
    ledger.dropCredits();
    ledger.unreportedSubLimits.push(subLimit);
    this.#ask(ledger);
  }

  /** Reports what concerns more than one bucket. */
  report(change: (outbox: Outbox) => void): void {
    change(this.#outbox);
    if (this.state === 'local') this.#exchanges.noteUnsent();
    else this.#exchanges.request();
  }

  /** Tells the store that this process holds nothing any more. */
  close(): void {
    this.#exchanges.close();
  }

  #createExchanges(): Exchanges<Collected, StoreReply> {
    return new Exchanges({
      clock: this.#host.clock,
      heartbeat: this.#lease.heartbeat,
      isCountedOn: () => this.state === 'shared',
      isIdle: () => this.#ledgers.areSettled && this.#slots.areIdle,
      whenReady: (collect) => this.#store.whenReady(collect),
      collect: (isLast) => this.#collect(isLast),
      send: ({ request }) => this.#send(request),
      onReply: (reply, collected) => this.#onReply(reply, collected),
      onFailure: (reason, unheard) => this.#onFailure(reason, unheard),
      close: () => this.#store.close(),
    });
  }

  #localWait(bucket: SharedBucket, now: LocalInstant): Duration {
    const wait = bucket.ownWait(now);
    if (this.#processes <= 1 || bucket.knownWindow === undefined) return wait;
    return Math.max(wait, this.#ledgers.open(bucket).offlineWait(this.#processes, now));
  }

  /** The wait by this process's own knowledge spares an exchange in vain; without any, the store has to be asked. */
  #estimate(bucket: SharedBucket, now: LocalInstant): Duration {
    const wait = bucket.ownWait(now);
    return wait > 0 && this.state === 'shared' ? wait + STORE_PRECISION : Number.POSITIVE_INFINITY;
  }

  #ask(ledger: Ledger): void {
    this.#ledgers.setDue(ledger);
    this.#exchanges.request();
  }

  #collect(isLast: boolean): Collected {
    const now = this.#host.clock.now();
    const { buckets, ledgers } = this.#ledgers.take(now);
    const isShared = this.state === 'shared';
    const request = {
      seq: ++this.#seq,
      ...(!isShared && { joins: true }),
      ...(this.#epoch !== '' && { epoch: this.#epoch }),
      ...(this.#latest && { previous: this.#latest.now, elapsed: now - this.#latest.at }),
      ...this.#outbox.take(),
      ...this.#slots.compose(isShared, isLast, now),
      buckets,
      ...(isLast && { leaves: true }),
    };
    if (isLast) this.#lease.giveUp();
    return { request, buckets, ledgers, startedAt: now };
  }

  async #send(request: StoreRequest): Promise<StoreReply> {
    const reply = await this.#store.exchange(request);
    if (reply.isStale) throw new Error('an exchange arrived too late');
    return reply;
  }

  #onReply(reply: StoreReply, collected: Collected): void {
    const now = this.#host.clock.now();
    const wasShared = this.state === 'shared';
    const isNewEpoch = this.#epoch !== '' && reply.epoch !== this.#epoch;
    this.#note(reply, collected.startedAt);
    if (isNewEpoch) this.#restateAll();
    if (reply.joined || isNewEpoch) this.#ledgers.restate(collected.ledgers, this.#host.bucketsInUse());
    learnFromOthers(this.#host, reply);
    // A process that was suspended during the exchange may get a grant that others use by now.
    const isLate = !this.#lease.isGood(now);
    if (!wasShared) this.#slots.disown(collected.startedAt);
    if (isLate) this.#lapse();
    else this.#slots.own(reply, now);
    if (!isLate) this.#share();
    this.#bucketReplies.onReply(reply, collected, isLate ? undefined : reply.now, now);
    if (!wasShared) this.#host.dispatch();
    this.#host.gate.serve();
    if (this.#ledgers.hasDue || this.#exchanges.hasUnsent || this.#slots.hasSurplus) this.#exchanges.request();
    else this.#exchanges.keepAlive();
  }

  #note(reply: StoreReply, startedAt: LocalInstant): void {
    this.#epoch = reply.epoch;
    this.#latest = { now: reply.now, at: startedAt };
    this.#processes = Math.max(1, reply.processes);
    this.#lease.renew(startedAt);
    this.#slots.note(reply);
  }

  #onFailure(reason: string, unheard: Collected | undefined): Duration {
    if (unheard) {
      this.#outbox.restore(unheard.request);
      this.#ledgers.restore(unheard, unheard.startedAt);
    }
    // The store may have heard the request and granted some. The next request states that no grant is held.
    this.#ledgers.dropCredits();
    this.#beLocal(reason);
    this.#ledgers.forgetUnused();
    return this.#lease.nextRetry(Math.random());
  }

  /** The store counts on this process from now on. */
  #share(): void {
    if (!this.#lease.share()) return;
    this.#ledgers.endOfflineUse();
    this.#host.onState('shared', 'the store answered');
  }

  /** The store cannot be reached: this process goes on with its share of the limits, or not at all. */
  #beLocal(reason: string): void {
    if (!this.#lease.lose()) return;
    this.#slots.ownShare(this.#processes);
    this.#host.onState('local', reason);
    this.#host.dispatch();
    this.#host.gate.serve();
  }

  /** The store has not heard of this process for so long that other processes may use its grants. */
  #lapse(): void {
    if (!this.#lease.lapse()) return;
    this.#ledgers.dropCredits();
    this.#slots.lapse();
    this.#host.onState('joining', 'the lease ran out');
    this.#exchanges.request();
  }

  /** The store has forgotten everything. */
  #restateAll(): void {
    this.#ledgers.restateWindows();
    this.#host.restate(this.#outbox);
    this.#exchanges.noteUnsent();
  }

  #onNews(news: StoreNews): void {
    if (this.#exchanges.isClosed || this.state === 'local') return;
    learnFromOthers(this.#host, news);
    this.#bucketReplies.onNews(news, this.#host.clock.now());
    if (news.share !== undefined) {
      this.#slots.onShare(news.share);
      this.spareSlots();
    }
    if (news.slots || news.isGap) {
      this.#slots.onOffer();
      this.#exchanges.request();
    }
  }
}

function learnFromOthers(
  host: SharedLimitsHost,
  { routes = [], sharing = [], throttle, lock, webhooks = [] }: LearnedByOthers,
): void {
  for (const route of routes) host.onRoute(...route);
  for (const grouping of sharing) host.onGrouping(...grouping);
  for (const webhook of webhooks) host.onWebhook(...webhook);
  if (throttle !== undefined) host.onThrottled(throttle);
  if (lock !== undefined) host.onLock(lock);
}
