import type { Clock } from '../clock/clock.js';
import type { BucketReply, MaskedCount, Report, ToldSubLimit } from '../coordination/coordinator.js';
import type { BucketIdentity, Grant } from '../coordination/ledger.js';
import type { SharedLimits } from '../coordination/shared-limits.js';
import { countMasks, heardSubLimit, heardWindow, retold, toldAnswer, toldSubLimit } from '../coordination/wire.js';
import { LimiterClosedError, QueueFullError, RateLimitTooLongError } from '../errors.js';
import type { PassEnd } from '../gates/global-gate.js';
import { type GCState, gcState } from '../manager/gc-pass.js';
import type { CompiledRoute } from '../routes/route.js';
import { type BucketKnowledge, BucketState, type Finding } from '../rules/bucket-state.js';
import { type LimitsSource, parseLimits, type ResponseLimits } from '../rules/headers.js';
import { isInvalid } from '../rules/invalid-requests.js';
import { classifyRefusal, type Refusal } from '../rules/refusal.js';
import { HEADER_PRECISION } from '../rules/reset.js';
import type { AdmittedRequest, SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { WindowKind } from '../rules/window-kind.js';
import { fieldsOf } from './body-fields.js';
import { type BucketGroup, NamedGroup } from './bucket-group.js';
import type { BucketHost } from './bucket-host.js';
import { unknownName } from './bucket-set.js';
import { type Concurrency, exclusionOf } from './concurrency.js';
import { InFlight } from './in-flight.js';
import { ABANDONED_GRACE, type CancelReason, HeldPermit, type Permit } from './permit.js';
import { QueuedRequest, type RequestDescription } from './queued-request.js';
import { pairOf } from './route-pairs.js';
import { SoloHost } from './solo-host.js';
import { Waiting } from './waiting.js';

/** How a request asks for its permit. */
export interface AcquireOptions {
  /** Ends the wait; the promise rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Higher ones leave first within their bucket and under the global limit. A whole number; default 0. */
  readonly priority?: number | undefined;
  /** Which requests of the bucket may be under way together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
  /**
   * The body: an object, JSON text, or a form with `payload_json`. Only the names of its top-level fields are looked
   * at, as some have limits of their own.
   */
  readonly body?: unknown;
}

/** Options of a bucket that is made alone. */
export interface RESTBucketOptions {
  readonly name: string;
  readonly route: CompiledRoute;
  /** The longest wait for a limit, in ms; a longer one is an error at once. Default 300,000. */
  readonly maxRateLimit?: Duration;
  readonly clock?: Clock;
}

/** A limit that an answer, or its caller, told. */
export interface RateLimitUpdate {
  readonly remaining: number;
  readonly limit: number;
  /** When the window is full again, on the bucket's monotonic clock, in ms. */
  readonly resetAt: LocalInstant;
}

/** What a bucket has to know of a request to learn from its answer. */
export interface AnsweredRequest {
  readonly description: Pick<RequestDescription, 'route'>;
  readonly sentAt: LocalInstant;
  /** Its place in the order of departure. */
  readonly departure: number;
  /** Whether the bucket was told of its answer before. */
  readonly isAnswered: boolean;
  /** What the store granted for it. */
  readonly grant?: Grant | undefined;
}

/**
 * One counter of the server: the requests that wait for it in order, those in flight, and what is known of its window.
 * A process may have a million of them at rest, so one that is at rest has nothing but what it knows.
 */
export class RESTBucket {
  #home: BucketGroup;
  readonly #majors: string;
  readonly #state = new BucketState();
  /** Made when a request leaves, and dropped when none is under way. */
  #inFlight: InFlight | undefined;
  /** Made when a request has to wait, and dropped when none does. */
  #waiting: Waiting | undefined;

  /** @param home Of the manager's own buckets; leave it out. */
  constructor(options: RESTBucketOptions, home?: BucketGroup) {
    const { name, route } = options;
    this.#home = home ?? new NamedGroup(new SoloHost(options, () => this), name, route);
    this.#majors = detached(route.majorParamHash);
    this.#state.isUnlimited = !route.hasBucket;
  }

  /** The real bucket hash, or one that begins with {@link UNKNOWN_HASH} until an answer tells it. */
  get name(): string {
    return this.#home.nameOf(this.#majors);
  }

  /** One of the requests that the bucket limits: the first that is under way or waits, or one that stands for all. */
  get route(): CompiledRoute {
    for (const { route } of this.requests()) return route;
    return this.#home.routeOf(this.#majors, this.#state.route);
  }

  /** Whether no answer has told yet which bucket this is. */
  get isUnknown(): boolean {
    return this.#home.isUnknown;
  }

  /** Whether no request waits here. */
  get isEmpty(): boolean {
    return this.#waiting === undefined || this.#waiting.isEmpty;
  }

  /** Whether answers came without rate-limit headers, so that only the global limit holds. */
  get isUnlimited(): boolean {
    return this.#state.isUnlimited;
  }

  /** Requests a window admits; 1 while it is not known, as one request at a time finds out. */
  get limit(): number {
    return this.#state.isUnlimited ? Number.POSITIVE_INFINITY : this.#state.limit;
  }

  /** Requests that may leave now; those in flight are taken off. */
  get remaining(): number {
    return Math.max(0, this.#state.available(this.unanswered, this.host.clock.now()));
  }

  /** When the limit is over at the latest, on the monotonic clock, in ms; 0 while it is not known. */
  get resetAt(): LocalInstant {
    return this.#state.resetAt;
  }

  /** Length of a window in ms, as far as answers have told; 0 while it is not known. */
  get period(): Duration {
    return this.#state.period;
  }

  /** How the window gives its requests back. */
  get windowKind(): WindowKind {
    return this.#state.kind;
  }

  /** Whether requests go one at a time, as something that is not known here uses the bucket, too. */
  get isCautious(): boolean {
    return this.#state.isCautious(this.host.clock.now());
  }

  /** The limits of this bucket that no header shows, as refusals taught them. */
  get subLimits(): readonly SubLimit[] {
    return this.#state.subLimits?.limits ?? [];
  }

  /** Requests that wait. */
  get queueSize(): number {
    return this.#waiting?.size ?? 0;
  }

  /** Requests under way, and those given up a moment ago. */
  get inFlight(): number {
    return this.#inFlight?.size ?? 0;
  }

  /** Whether a request would have to wait at `now` for the limit. */
  isRateLimited(now: LocalInstant): boolean {
    return !this.isUnknown && this.#state.available(this.unanswered, now) < 1;
  }

  /** How long from `now` until the limit is over, in ms; 0 when there is nothing to wait for. */
  timeUntilReset(now: LocalInstant): Duration {
    return this.isRateLimited(now) ? Math.max(0, this.resetAt - now) : 0;
  }

  /**
   * Waits for the right to send one request.
   *
   * @throws RateLimitTooLongError at once when the limit lasts longer than `maxRateLimit`; QueueFullError at once when
   * `maxQueueSize` requests wait already; LimiterClosedError when the bucket is or gets closed; the signal's reason.
   */
  acquire(options: AcquireOptions = {}): Promise<Permit> {
    return this.request(this.route, options);
  }

  /** Ends the oldest permit that has not ended, as the seed's `release`; does nothing when there is none. */
  release(): void {
    this.#inFlight?.oldest?.cancel('lost');
  }

  /** States the limit as the caller knows it, and that it includes the oldest request in flight. */
  updateRateLimit(update: RateLimitUpdate): void {
    const { identity } = this.route;
    this.#state.set(update, this.host.clock.now());
    this.#state.isUnlimited = false;
    this.answerOldest(identity);
    this.drain();
  }

  /**
   * Gives an unknown bucket its real bucket hash.
   *
   * @throws Error on a bucket that is known.
   */
  resolve(realBucketHash: string): void {
    if (!this.isUnknown) throw new Error('Cannot resolve known bucket');
    this.moveTo(new NamedGroup(this.host, realBucketHash, this.route));
  }

  /** Rejects every request that waits, and every later one, with {@link LimiterClosedError}. */
  close(): void {
    const { host } = this.#home;
    this.openWaiting().isClosed = true;
    this.stopWaiting();
    const now = host.clock.now();
    for (const permit of [...(this.#inFlight ?? [])]) {
      if (permit.graceTimer === undefined) continue;
      permit.graceTimer.cancel();
      this.endPermit(permit, 'other', true, now);
    }
    this.rejectWaiting((route) => new LimiterClosedError(String(route)));
  }

  /** @internal The manager's form of {@link acquire}: for any route that belongs to this bucket. */
  request(route: CompiledRoute, options: AcquireOptions): Promise<Permit> {
    const { host } = this.#home;
    const { signal, priority = 0, concurrency = host.concurrency, body } = options;
    if (this.isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const error = host.errorFor(route);
    if (error) return Promise.reject(error);
    const description: RequestDescription = {
      route,
      priority,
      sequence: host.nextSequence(),
      exclusion: exclusionOf(concurrency, route.method),
      isExempt: host.isExempt(route),
      fields: fieldsOf(body),
    };
    // What has waited beside the queue for long enough goes first, even if its timer is late.
    if (this.#waiting !== undefined && this.#waiting.parked.size > 0) this.drain();
    const now = host.clock.now();
    const permit =
      this.#waiting === undefined || this.#waiting.queue.isEmpty ? this.tryGrant(description, now) : undefined;
    return permit ? Promise.resolve(permit) : this.enterQueue(description, signal, now);
  }

  /** @internal Puts a request at its place in the queue. */
  enqueue(entry: QueuedRequest): void {
    this.stand(entry);
    // Behind others, it changes nothing for them.
    if (this.#waiting?.queue.peek() === entry) this.drain();
  }

  /** @internal Lets a request wait by itself until `until`, then puts it at its place in the queue. */
  park(entry: QueuedRequest, until: LocalInstant): void {
    entry.place = this;
    entry.notBefore = until;
    this.openWaiting().parked.add(entry);
    entry.timer = this.host.clock.setTimer(until, () => {
      entry.place?.withdraw(entry);
      this.host.getBucket(entry.description.route).enqueue(entry);
    });
  }

  /** @internal Takes a request out of where it waits here. */
  withdraw(entry: QueuedRequest): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (waiting.parked.delete(entry)) {
      entry.timer?.cancel();
      return;
    }
    const wasFirst = waiting.queue.peek() === entry;
    waiting.queue.remove(entry);
    if (waiting.queue.isEmpty) this.stopWaiting();
    else if (wasFirst && !this.isClosed) this.drain();
    this.host.membership?.withdrawn(this);
  }

  /** @internal Rejects the requests that wait here and for which there is an error. */
  rejectWaiting(errorFor: (route: CompiledRoute) => Error | undefined): void {
    for (const entry of this.#waiting?.all ?? []) {
      const error = errorFor(entry.description.route);
      if (error === undefined) continue;
      this.withdraw(entry);
      entry.reject(error);
    }
  }

  /** @internal Lets requests leave for as long as the limits allow. */
  drain(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.isEmpty) return;
    const { clock } = this.host;
    const now = clock.now();
    this.unpark(now);
    let entry = waiting.queue.peek();
    while (entry !== undefined && this.tryToLeave(entry, waiting, now)) {
      entry = waiting.queue.peek();
      // What has just left may exclude the next one; then its end asks again.
      if (entry !== undefined && !this.lockAdmits(entry.description)) return;
    }
  }

  /** @internal It is this bucket's turn at the global gate. */
  onTurn(): void {
    this.drain();
  }

  /** @internal Learns from the answer to a request that has ended. */
  learn(request: AnsweredRequest, limits: ResponseLimits, now: LocalInstant): Finding {
    const { sentAt, departure, description } = request;
    const refused = limits.status === 429;
    if (limits.known === undefined) {
      // It may have counted although it told nothing.
      if (!refused && !request.isAnswered) this.lose(now);
      return 'none';
    }
    const observation = {
      headers: limits.known,
      sentAt,
      receivedAt: now,
      departure,
      departures: this.host.departed(),
      route: description.route.identity,
      refused,
    };
    const finding = this.#state.learn(observation, this.unanswered);
    // What others use is expected where limits are shared; the store knows of all of it.
    if (finding === 'contended' && !this.isShared) this.#state.beCautious(now);
    return finding;
  }

  /** @internal Learns of a limit that no header shows. */
  learnHidden(request: RequestDescription, refusal: Refusal, admitted: readonly AdmittedRequest[]): SubLimit {
    const { route, fields } = request;
    const now = this.host.clock.now();
    const limit = this.#state.refuse(route.identity, {
      fields: refusal.kind === 'sub-limit' ? fields : undefined,
      retryAfter: refusal.retryAfter,
      receivedAt: now,
      admitted,
    });
    this.host.membership?.learnSubLimit(this, toldSubLimit(limit, now));
    return limit;
  }

  /** @internal Lets nothing leave before `until`. */
  hold(until: LocalInstant): void {
    this.#state.hold(until);
  }

  /** @internal Lets nothing leave for a while, in any process. */
  holdAll(duration: Duration, now: LocalInstant): void {
    this.hold(now + duration);
    this.host.membership?.ended(this, { hold: duration, receivedAt: now }, true);
  }

  /** @internal Only the global limit holds from now on. */
  setUnlimited(): void {
    this.#state.isUnlimited = true;
  }

  /** @internal Whether the routes of this bucket's hash count apart, so that this bucket is of one route alone. */
  get countsApart(): boolean {
    return this.#state.countsApart;
  }

  set countsApart(countsApart: boolean) {
    this.#state.countsApart = countsApart;
  }

  /** @internal Where the bucket belongs. */
  get home(): BucketGroup {
    return this.#home;
  }

  /** @internal What the store calls the bucket. */
  get identity(): BucketIdentity {
    const identity = this.#home.identityOf(this.#majors);
    const { name, routes } = identity;
    if (this.#state.isUnlimited) return { name, isUnlimited: true };
    const first = this.#waiting?.queue.peek()?.description.route.identity;
    if (first === undefined) return identity;
    if (routes !== undefined) return { name, routes: [first, ...routes.filter((route) => route !== first)] };
    return this.#state.isHeard ? identity : { ...identity, origin: unknownName(this.#majors, pairOf(first)) };
  }

  /** @internal What is under way here and may count, by the sub-limits that count it. */
  get underWay(): number | readonly MaskedCount[] {
    if (this.#state.subLimits === undefined) return this.unanswered;
    return countMasks(unansweredOf(this.#inFlight), ({ grant }) => grant?.mask ?? 0);
  }

  /** @internal What waits here for the window or for sub-limits, by the sub-limits that concern it. */
  get demand(): readonly MaskedCount[] {
    const waiting = this.#waiting;
    if (waiting === undefined) return [];
    if (this.#state.subLimits !== undefined) return this.maskedDemand(waiting);
    return this.#state.isUnlimited || waiting.queue.isEmpty ? [] : [[0, waiting.queue.size]];
  }

  /** @internal Whether the global limit does not count what is first in line here. */
  get isDemandExempt(): boolean {
    return this.#waiting?.queue.peek()?.description.isExempt === true;
  }

  /** @internal How many slots of the global limit what waits here could use. */
  get slotDemand(): number {
    const waiting = this.#waiting?.queue.size ?? 0;
    const { membership } = this.host;
    if (membership === undefined || this.#state.isUnlimited) return waiting;
    return Math.min(waiting, membership.creditsOf(this));
  }

  /** @internal */
  get subVersion(): number {
    return this.#state.subLimits?.limits.length ?? 0;
  }

  /** @internal */
  get knownWindow(): { readonly limit: number; readonly period: Duration } | undefined {
    const { isHeard, isUnlimited, limit, period } = this.#state;
    return isHeard && !isUnlimited ? { limit, period } : undefined;
  }

  /** @internal How long the window makes one more request wait, as far as it is known here. */
  ownWait(now: LocalInstant): Duration {
    return this.#state.waitFor(this.unanswered, now);
  }

  /** @internal All that is known here of limits that no header shows. */
  toldSubLimits(now: LocalInstant): readonly ToldSubLimit[] {
    const { subLimits } = this.#state;
    return (subLimits?.limits ?? []).map((limit) => ({ ...toldSubLimit(limit, now), isRetold: true }));
  }

  /** @internal The window as if an answer had just told it, while it matters. */
  retell(now: LocalInstant): Omit<Report, 'age'> | undefined {
    return retold(this.#state, now);
  }

  /** @internal Takes over what all processes together know. */
  learnFromStore({ window, heldFor, cautiousFor, subLimits }: BucketReply, now: LocalInstant): void {
    const state = this.#state;
    if (window !== undefined) {
      state.hearFrom(window.route, { ...heardWindow(window, now), heardAt: this.host.departed() });
    }
    if (heldFor !== undefined) state.hold(now + heldFor);
    if (cautiousFor !== undefined) state.beCautiousUntil(now + cautiousFor);
    if (subLimits !== undefined) state.setSubLimits(subLimits.map((told) => heardSubLimit(told, now)));
  }

  /** @internal Tells the store what an answer said; at once if it is news, which a longer window than was known is. */
  tellAnswer(
    { grant, description, sentAt }: AnsweredRequest,
    limits: ResponseLimits,
    knownPeriod: Duration,
    now: LocalInstant,
  ): void {
    const { membership } = this.host;
    if (membership === undefined || limits.known === undefined) return;
    const { known, status } = limits;
    const isRefusal = status === 429;
    const { kind } = this.#state;
    const route = description.route.identity;
    const report = toldAnswer({ known, isRefusal, route, kind, grant, sentAt, receivedAt: now });
    membership.ended(this, report, isRefusal || known.resetAfter > knownPeriod + HEADER_PRECISION);
  }

  /** @internal The hash of the major parameters that its requests have in common. */
  get majors(): string {
    return this.#majors;
  }

  /** @internal The bucket belongs elsewhere from now on. */
  moveTo(home: BucketGroup): void {
    this.#home = home;
    if (!home.isUnknown) this.#state.isUnlimited = false;
    home.host.membership?.moved(this);
  }

  /** @internal Takes the oldest request of a route that is under way as answered, before its permit ends. */
  answerOldest(identity: string): HeldPermit | undefined {
    for (const permit of this.#inFlight ?? []) {
      if (permit.isAnswered || permit.description.route.identity !== identity) continue;
      this.#inFlight?.answer(permit);
      return permit;
    }
    return undefined;
  }

  /** @internal A request of a route that waits or is under way here, or one that stands for all of the route. */
  routeOf(identity: string): CompiledRoute {
    for (const { route } of this.requests()) if (route.identity === identity) return route;
    return this.#home.routeOf(this.#majors, identity);
  }

  /** @internal Whether anything here belongs to a route: what is known, what waits, or what is under way. */
  isUsedBy(identity: string): boolean {
    if (this.#state.windowOf(identity)) return true;
    for (const { route } of this.requests()) if (route.identity === identity) return true;
    return false;
  }

  /** @internal Whether anything that waits or is under way belongs to a route of another identity. */
  isUsedBeside(identity: string): boolean {
    for (const { route } of this.requests()) if (route.identity !== identity) return true;
    return false;
  }

  /** @internal Whether a request of this place in the order of departure could know of the window from answers. */
  wasInformed(departure: number): boolean {
    return this.#state.wasInformed(departure);
  }

  /** @internal Continues with what another bucket knows of a route alone, if anything. */
  adopt(other: RESTBucket, identity: string): void {
    const window = other.#state.windowOf(identity);
    if (window) this.#state.adopt(identity, window);
  }

  /** @internal Continues with all that another bucket knows, for a route that has answered there. */
  adoptAll(other: RESTBucket, identity: string): void {
    if (other.#state.windowOf(identity)) this.#state.adopt(identity, other.#state);
  }

  /** @internal Takes over what another bucket has waiting or in flight of a route, in order. */
  absorb(other: RESTBucket, identity: string): void {
    this.takeRequests(other, identity);
    this.host.membership?.moved(other);
    this.host.membership?.moved(this);
  }

  private takeRequests(other: RESTBucket, identity: string): void {
    this.#state.inherit(other.#state);
    const isMine = ({ description }: { description: RequestDescription }) => description.route.identity === identity;
    for (const permit of [...(other.#inFlight ?? [])].filter(isMine)) {
      other.forget(permit);
      other.endSubLimits(permit, true);
      this.countSubLimits(permit);
      this.track(permit);
    }
    const theirs = other.#waiting;
    if (theirs === undefined) return;
    const { queue, parked } = this.openWaiting();
    for (const entry of queue.absorb(theirs.queue, isMine)) entry.place = this;
    for (const entry of [...theirs.parked].filter(isMine)) {
      theirs.parked.delete(entry);
      parked.add(entry);
      entry.place = this;
    }
    if (theirs.queue.isEmpty) other.stopWaiting();
  }

  /** @internal What outlives the process: those in flight were counted by `lostAt`, or never will be. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): BucketKnowledge {
    return this.#state.bucketKnowledge(this.unanswered, now, lostAt);
  }

  /** @internal Continues with what was known before a restart. */
  continueFrom(before: BucketState): void {
    this.#state.continueFrom(before);
  }

  /** @internal The state of the bucket in the eyes of the garbage collector. */
  gcState(expireAfter: Duration, now: LocalInstant): GCState {
    const inUse = this.#inFlight !== undefined || !this.isEmpty;
    return gcState(inUse, this.#state.idleAt, expireAfter, now);
  }

  /** @internal */
  complete(permit: HeldPermit, source: LimitsSource): Refusal | undefined {
    const { host } = this.#home;
    const limits = parseLimits(source);
    const refusal = classifyRefusal(limits);
    const now = host.clock.now();
    this.endPermit(permit, isInvalid(limits) ? 'invalid' : 'other', refusal === undefined, now);
    if (!this.isClosed) {
      const bucket = host.learn(permit, limits, refusal, now);
      bucket.drain();
      if (bucket !== this) this.drain();
    }
    host.gate?.serve();
    return refusal;
  }

  /** @internal */
  cancel(permit: HeldPermit, reason: CancelReason): void {
    if (reason === 'abandoned' && !permit.isAnswered && !this.isClosed) {
      // The next write need not wait for an answer that nobody expects; the count is kept until it is certain.
      this.#inFlight?.end(permit);
      const until = this.host.clock.now() + ABANDONED_GRACE;
      const end = () => permit.bucket.endUnanswered(permit, 'lost');
      permit.graceTimer = this.host.clock.setTimer(until, end, { keepsProcessAlive: false });
      this.drain();
    } else {
      this.endUnanswered(permit, reason);
    }
  }

  /** @internal */
  retry(permit: HeldPermit, signal: AbortSignal | undefined): Promise<Permit> {
    const { description, refusal } = permit;
    if (this.isClosed) return Promise.reject(new LimiterClosedError(String(description.route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const error = this.host.errorFor(description.route);
    if (error) return Promise.reject(error);
    const bucket = this.host.getBucket(description.route);
    const entry = new QueuedRequest(description, signal);
    // Without the names of its fields, nothing is known but that this one request has to wait.
    if (refusal?.kind === 'sub-limit' && description.fields.length === 0) bucket.parkFor(entry, refusal.retryAfter);
    else bucket.enqueue(entry);
    return entry.promise;
  }

  /** @internal */
  repeat(
    permit: HeldPermit,
    outcome: LimitsSource | CancelReason,
    delay: Duration,
    signal: AbortSignal | undefined,
  ): Promise<Permit> {
    if (signal?.aborted) {
      endWith(permit, outcome);
      return Promise.reject(signal.reason);
    }
    const entry = new QueuedRequest(permit.description, signal);
    entry.notBefore = this.host.clock.now() + delay;
    // It is in line before the permit ends, which may let others leave.
    if (!this.isClosed) this.stand(entry);
    else entry.reject(new LimiterClosedError(String(permit.description.route)));
    endWith(permit, outcome);
    return entry.promise;
  }

  private get host(): BucketHost {
    return this.#home.host;
  }

  /** Whether the limit is kept together with other processes at present. */
  private get isShared(): boolean {
    return this.host.membership !== undefined && this.host.membership.state !== 'local';
  }

  private get isClosed(): boolean {
    return this.#waiting?.isClosed === true;
  }

  /** Requests that may be counted by the server and have not told so yet. */
  private get unanswered(): number {
    return this.#inFlight === undefined ? 0 : this.#inFlight.unanswered;
  }

  private openWaiting(): Waiting {
    this.#waiting ??= new Waiting();
    return this.#waiting;
  }

  private *requests(): Generator<RequestDescription> {
    for (const places of [this.#inFlight, this.#waiting?.queue, this.#waiting?.parked]) {
      for (const { description } of places ?? []) yield description;
    }
  }

  private enterQueue(
    description: RequestDescription,
    signal: AbortSignal | undefined,
    now: LocalInstant,
  ): Promise<Permit> {
    const error = this.refusalToQueue(description, now);
    if (error) return Promise.reject(error);
    const entry = new QueuedRequest(description, signal);
    this.enqueue(entry);
    return entry.promise;
  }

  private stand(entry: QueuedRequest): void {
    entry.place = this;
    this.openWaiting().queue.insert(entry);
  }

  private parkFor(entry: QueuedRequest, wait: Duration): void {
    const { route } = entry.description;
    const now = this.host.clock.now();
    if (wait > this.host.maxRateLimit) entry.reject(this.tooLong(route, wait, false, now));
    else this.park(entry, now + wait);
  }

  private endUnanswered(permit: HeldPermit, reason: CancelReason): void {
    const { host } = this.#home;
    const now = host.clock.now();
    const mayCount = reason !== 'unsent';
    const isLost = mayCount && !permit.isAnswered;
    this.endPermit(permit, mayCount ? 'other' : 'unsent', mayCount, now);
    if (isLost) this.lose(now);
    if (!this.isClosed) this.drain();
    host.gate?.serve();
  }

  /** Gives back all that a permit holds; the one place where that happens. */
  private endPermit(permit: HeldPermit, how: PassEnd, mayCount: boolean, now: LocalInstant): void {
    this.forget(permit);
    permit.isEnded = true;
    this.endSubLimits(permit, mayCount);
    this.host.gate?.end(how, permit.description.isExempt, now);
    if (this.host.membership !== undefined) this.tellEnd(this.host.membership, permit, mayCount, now);
  }

  /** The store no more reckons with a request as under way. */
  private tellEnd(membership: SharedLimits, permit: HeldPermit, mayCount: boolean, now: LocalInstant): void {
    const { grant, description } = permit;
    membership.endShare(this, now);
    if (!description.isExempt) membership.slotEnded(mayCount);
    if (this.#state.isUnlimited && !grant?.mask) return;
    membership.ended(this, grant?.mask && mayCount ? { mask: grant.mask, receivedAt: now } : undefined, false);
  }

  /** A request ended without telling whether it was counted. */
  private lose(now: LocalInstant): void {
    this.#state.lose(now);
    if (!this.#state.isUnlimited) this.host.membership?.ended(this, { lost: 1, receivedAt: now }, false);
  }

  /** Grants a permit if every rule lets the request leave now. */
  private tryGrant(description: RequestDescription, now: LocalInstant): HeldPermit | undefined {
    const { host } = this.#home;
    const { fields, isExempt } = description;
    if (!this.lockAdmits(description) || this.waitForTurn(fields, now) > 0) return undefined;
    if (fields.length > 0 && this.#state.waitForFields(fields, now) > 0) return undefined;
    if (host.gate !== undefined && !host.gate.pass(this, isExempt, now)) return undefined;
    const permit = new HeldPermit(this, description, now, host.depart());
    if (host.membership !== undefined) permit.grant = host.membership.spend(this, this.maskOf(fields));
    this.countSubLimits(permit);
    this.track(permit);
    return permit;
  }

  /** How long the bucket's limit makes a request wait; `Infinity` when that takes an answer, or the store's. */
  private waitForTurn(fields: readonly string[], now: LocalInstant): Duration {
    const { membership } = this.#home.host;
    if (membership === undefined) return this.#state.waitFor(this.unanswered, now);
    const held = this.#state.heldFor(now);
    if (held > 0) return held;
    const mask = this.maskOf(fields);
    return this.#state.isUnlimited && mask === 0 ? 0 : membership.waitFor(this, mask, now);
  }

  private maskedDemand({ queue, parked }: Waiting): readonly MaskedCount[] {
    const maskOf = ({ description }: QueuedRequest) => this.maskOf(description.fields);
    // What waits for its own sake is of no concern to others.
    return countMasks([...queue, ...[...parked].filter((entry) => maskOf(entry) !== 0)], maskOf);
  }

  private maskOf(fields: readonly string[]): number {
    return this.#state.subLimits?.maskOf(fields) ?? 0;
  }

  private lockAdmits({ exclusion }: RequestDescription): boolean {
    const inFlight = this.#inFlight;
    if (inFlight === undefined) return true;
    return inFlight.admits(exclusion === 'writes' && this.#state.isUnlimited ? 'none' : exclusion);
  }

  private countSubLimits(permit: HeldPermit): void {
    const { subLimits } = this.#state;
    permit.subLimits = subLimits?.concerning(permit.description.fields);
    for (const limit of permit.subLimits ?? []) limit.leave();
  }

  private endSubLimits(permit: HeldPermit, mayCount: boolean): void {
    if (permit.subLimits === undefined) return;
    for (const limit of permit.subLimits) limit.end(mayCount, this.host.clock.now());
  }

  private track(permit: HeldPermit): void {
    permit.bucket = this;
    this.#inFlight ??= new InFlight();
    this.#inFlight.add(permit);
  }

  private forget(permit: HeldPermit): void {
    const inFlight = this.#inFlight as InFlight;
    inFlight.remove(permit);
    if (inFlight.size === 0) this.#inFlight = undefined;
  }

  /** Lets the first of the queue leave or rejects it; `false` when it has to wait. */
  private tryToLeave(entry: QueuedRequest, { queue }: Waiting, now: LocalInstant): boolean {
    const { description } = entry;
    const error = this.errorFor(description, now);
    if (error === undefined && entry.notBefore > now) {
      this.wakeAt(entry.notBefore);
      return false;
    }
    if (error === undefined && this.stepsAside(entry, now)) return true;
    const permit = error ? undefined : this.tryGrant(description, now);
    if (error === undefined && permit === undefined) {
      this.awaitTurn(description, now);
      return false;
    }
    queue.remove(entry);
    if (queue.isEmpty) this.stopWaiting();
    if (permit) entry.grant(permit);
    else entry.reject(error);
    return true;
  }

  /** A request that has to wait for the sake of its fields makes way for the others. */
  private stepsAside(entry: QueuedRequest, now: LocalInstant): boolean {
    const wait = this.#state.waitForFields(entry.description.fields, now);
    if (wait === 0 || !Number.isFinite(wait)) return false;
    this.#waiting?.queue.remove(entry);
    this.parkFor(entry, wait);
    return true;
  }

  /** Puts back into the queue what has waited by itself for long enough, before anything later may leave. */
  private unpark(now: LocalInstant): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    for (const entry of waiting.parked) {
      if (entry.notBefore > now) continue;
      this.withdraw(entry);
      this.stand(entry);
    }
  }

  /** Sees to it that the first of the queue is asked again as soon as what holds it up may have passed. */
  private awaitTurn(description: RequestDescription, now: LocalInstant): void {
    const { host } = this.#home;
    const { route, priority, isExempt, fields } = description;
    // The end of those in flight asks again.
    if (!this.lockAdmits(description) || this.#state.waitForFields(fields, now) > 0) return;
    const wait = this.waitForTurn(fields, now);
    if (wait === 0) host.gate?.queue(this, priority, isExempt);
    else if (!Number.isFinite(wait)) host.membership?.want(this, this.maskOf(fields), now);
    else if (this.wakeAt(now + wait)) host.onRateLimited(this, route, wait);
  }

  private wakeAt(at: LocalInstant): boolean {
    return this.openWaiting().wakeAt(at, this.host.clock, () => this.drain());
  }

  /** Nothing in the queue waits any more. */
  private stopWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    waiting.stopWaking();
    this.host.gate?.leave(this);
    if (waiting.parked.size === 0 && !waiting.isClosed) this.#waiting = undefined;
  }

  private refusalToQueue(description: RequestDescription, now: LocalInstant): Error | undefined {
    const { maxQueueSize } = this.host;
    if (this.queueSize >= maxQueueSize) return new QueueFullError(String(description.route), maxQueueSize);
    return this.tooLongFor(description, now);
  }

  /** Why a request is not to wait for its turn. */
  private errorFor(description: RequestDescription, now: LocalInstant): Error | undefined {
    return this.host.errorFor(description.route) ?? this.tooLongFor(description, now);
  }

  /** The error for a limit that lasts too long to wait for. A queue's own length is no limit. */
  private tooLongFor(description: RequestDescription, now: LocalInstant): RateLimitTooLongError | undefined {
    const { route, isExempt, fields } = description;
    const { gate, maxRateLimit } = this.host;
    if (maxRateLimit === Number.POSITIVE_INFINITY) return undefined;
    const held = gate?.heldFor(isExempt, now) ?? 0;
    if (held > maxRateLimit) return this.tooLong(route, held, true, now);
    const wait = this.waitForTurn(fields, now);
    return Number.isFinite(wait) && wait > maxRateLimit ? this.tooLong(route, wait, false, now) : undefined;
  }

  private tooLong(
    route: CompiledRoute,
    retryAfter: Duration,
    isGlobal: boolean,
    now: LocalInstant,
  ): RateLimitTooLongError {
    const { isHeard, limit, period } = this.#state;
    return new RateLimitTooLongError({
      route: String(route),
      retryAfter,
      maxRetryAfter: this.host.maxRateLimit,
      resetAt: now + retryAfter,
      limit: isHeard ? limit : undefined,
      remaining: Math.max(0, this.#state.available(this.unanswered, now)),
      period: isHeard ? period : undefined,
      isGlobal,
    });
  }
}

function* unansweredOf(inFlight: InFlight | undefined): Generator<HeldPermit> {
  for (const permit of inFlight ?? []) if (!permit.isAnswered) yield permit;
}

/** A copy, as a part of a longer text keeps all of it in memory: here, the path that a request was matched by. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

function endWith(permit: HeldPermit, outcome: LimitsSource | CancelReason): void {
  if (typeof outcome === 'string') permit.cancel(outcome);
  else permit.complete(outcome);
}
