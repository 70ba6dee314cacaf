import type { Clock, Timer } from '../clock/clock.js';
import { type CompiledRoute, UNKNOWN_HASH } from '../routes/route.js';
import { type BucketKnowledge, BucketState, type Finding } from '../rules/bucket-state.js';
import { type LimitsSource, parseLimits, type ResponseLimits } from '../rules/headers.js';
import { isInvalid } from '../rules/invalid-requests.js';
import { classifyRefusal, type Refusal } from '../rules/refusal.js';
import { type AdmittedRequest, type SubLimit, SubLimits } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Window } from '../rules/window.js';
import type { WindowKind } from '../rules/window-kind.js';
import { fieldsOf } from './body-fields.js';
import type { BucketHost } from './bucket-host.js';
import { type Concurrency, exclusionOf, Lock } from './concurrency.js';
import { LimiterClosedError, QueueFullError, RateLimitTooLongError } from './errors.js';
import { type GCState, gcState } from './gc-pass.js';
import { InFlight } from './in-flight.js';
import { ABANDONED_GRACE, type CancelReason, HeldPermit, type Permit } from './permit.js';
import { Queue } from './queue.js';
import { QueuedRequest, type RequestDescription } from './queued-request.js';
import { SoloHost } from './solo-host.js';

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
  readonly description: Pick<RequestDescription, 'route' | 'sequence'>;
  readonly sentAt: LocalInstant;
  /** Whether the bucket was told of its answer before. */
  readonly isAnswered: boolean;
}

/**
 * One counter of the server: the requests that wait for it in order, those in flight, and what is known of its window.
 */
export class RESTBucket {
  readonly #host: BucketHost;
  readonly #route: CompiledRoute;
  readonly #state = new BucketState();
  readonly #queue = new Queue<QueuedRequest>();
  readonly #inFlight = new InFlight();
  readonly #lock = new Lock();
  /** Requests that the server refused for their own sake: they wait beside the queue and hold nobody up. */
  readonly #parked = new Set<QueuedRequest>();
  /**
   * Whether evidence showed that the routes of this bucket's hash have counters of their own, so that this bucket is of
   * one route alone (facts part 2).
   */
  countsApart = false;
  readonly #routesAnswered = new Map<string, CompiledRoute>();
  /** When an answer first told of the window. */
  #informedAt: LocalInstant = Number.POSITIVE_INFINITY;
  #name: string;
  #wake: { readonly at: LocalInstant; readonly timer: Timer } | undefined;
  #isClosed = false;

  /** @param host Of the manager's own buckets; leave it out. */
  constructor(options: RESTBucketOptions, host: BucketHost = new SoloHost(options, () => this)) {
    this.#name = options.name;
    this.#route = options.route;
    this.#host = host;
    this.#state.isUnlimited = !options.route.hasBucket;
  }

  /** The real bucket hash, or one that begins with {@link UNKNOWN_HASH} until an answer tells it. */
  get name(): string {
    return this.#name;
  }

  /** The request that the bucket was made for. */
  get route(): CompiledRoute {
    return this.#route;
  }

  /** Whether no answer has told yet which bucket this is. */
  get isUnknown(): boolean {
    return this.#name.startsWith(UNKNOWN_HASH);
  }

  /** Whether no request waits here. */
  get isEmpty(): boolean {
    return this.#queue.isEmpty && this.#parked.size === 0;
  }

  /** Whether answers came without rate-limit headers, so that only the global limit holds. */
  get isUnlimited(): boolean {
    return this.#state.isUnlimited;
  }

  /** Requests a window admits; 1 while it is not known, as one request at a time finds out. */
  get limit(): number {
    return this.#state.isUnlimited ? Number.POSITIVE_INFINITY : (this.#state.window?.limit ?? 1);
  }

  /** Requests that may leave now; those in flight are taken off. */
  get remaining(): number {
    return Math.max(0, this.#state.available(this.#host.clock.now()));
  }

  /** When the limit is over at the latest, on the monotonic clock, in ms; 0 while it is not known. */
  get resetAt(): LocalInstant {
    return this.#state.resetAt;
  }

  /** Length of a window in ms, as far as answers have told; 0 while it is not known. */
  get period(): Duration {
    return this.#state.window?.period ?? 0;
  }

  /** How the window gives its requests back. */
  get windowKind(): WindowKind {
    return this.#state.window?.kind ?? 'unknown';
  }

  /** Whether requests go one at a time, as something that is not known here uses the bucket, too. */
  get isCautious(): boolean {
    return this.#state.isCautious(this.#host.clock.now());
  }

  /** The limits of this bucket that no header shows, as refusals taught them. */
  get subLimits(): readonly SubLimit[] {
    return this.#state.subLimits?.limits ?? [];
  }

  /** Requests that wait. */
  get queueSize(): number {
    return this.#queue.size + this.#parked.size;
  }

  /** Requests under way, and those given up a moment ago. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether a request would have to wait at `now` for the limit. */
  isRateLimited(now: LocalInstant): boolean {
    return !this.isUnknown && this.#state.available(now) < 1;
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
    return this.request(this.#route, options);
  }

  /** Ends the oldest permit that has not ended, as the seed's `release`; does nothing when there is none. */
  release(): void {
    this.#inFlight.oldest?.cancel('lost');
  }

  /** States the limit as the caller knows it, and that it includes the oldest request in flight. */
  updateRateLimit(update: RateLimitUpdate): void {
    const now = this.#host.clock.now();
    const headers = { ...update, bucket: this.#name, resetAfter: Math.max(0, update.resetAt - now) };
    const { identity } = this.#route;
    this.#state.window ??= new Window({
      headers,
      route: identity,
      sentAt: now,
      receivedAt: now,
      order: this.#host.nextSequence(),
      refused: false,
    });
    this.#state.window.set(update, now);
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
    this.#name = realBucketHash;
    this.#state.isUnlimited = false;
  }

  /** Rejects every request that waits, and every later one, with {@link LimiterClosedError}. */
  close(): void {
    this.#isClosed = true;
    this.#wake?.timer.cancel();
    this.#host.gate?.leave(this);
    for (const permit of [...this.#inFlight]) {
      if (permit.graceTimer === undefined) continue;
      permit.graceTimer.cancel();
      this.#end(permit, 'counted');
    }
    this.rejectWaiting((route) => new LimiterClosedError(String(route)));
  }

  /** @internal The manager's form of {@link acquire}: for any route that belongs to this bucket. */
  request(route: CompiledRoute, options: AcquireOptions): Promise<Permit> {
    const { signal, priority = 0, concurrency = this.#host.concurrency, body } = options;
    if (this.#isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const description: RequestDescription = {
      route,
      priority,
      sequence: this.#host.nextSequence(),
      exclusion: exclusionOf(concurrency, route.method),
      isExempt: this.#host.isExempt(route),
      fields: fieldsOf(body),
    };
    const error = this.#refusalToQueue(description);
    if (error) return Promise.reject(error);
    if (this.#parked.size > 0) this.#unpark(this.#host.clock.now());
    const permit = this.#queue.isEmpty ? this.#tryGrant(description) : undefined;
    if (permit) return Promise.resolve(permit);
    const entry = new QueuedRequest(description, signal);
    this.enqueue(entry);
    return entry.promise;
  }

  /** @internal Puts a request at its place in the queue. */
  enqueue(entry: QueuedRequest): void {
    entry.place = this;
    this.#queue.insert(entry);
    this.drain();
  }

  /** @internal Lets a request wait by itself until `until`, then puts it at its place in the queue. */
  park(entry: QueuedRequest, until: LocalInstant): void {
    entry.place = this;
    entry.parkedUntil = until;
    this.#parked.add(entry);
    entry.timer = this.#host.clock.setTimer(until, () => {
      entry.place?.withdraw(entry);
      this.#host.getBucket(entry.description.route).enqueue(entry);
    });
  }

  /** @internal Takes a request out of where it waits here. */
  withdraw(entry: QueuedRequest): void {
    if (this.#parked.delete(entry)) {
      entry.timer?.cancel();
      return;
    }
    const wasFirst = this.#queue.peek() === entry;
    this.#queue.remove(entry);
    if (this.#queue.isEmpty) this.#stopWaiting();
    else if (wasFirst && !this.#isClosed) this.drain();
  }

  /** @internal Rejects the requests that wait here and for which there is an error. */
  rejectWaiting(errorFor: (route: CompiledRoute) => Error | undefined): void {
    for (const entry of [...this.#parked, ...this.#queue]) {
      const error = errorFor(entry.description.route);
      if (error === undefined) continue;
      this.withdraw(entry);
      entry.reject(error);
    }
  }

  /** @internal Lets requests leave for as long as the limits allow. */
  drain(): void {
    if (this.#parked.size > 0) this.#unpark(this.#host.clock.now());
    for (let entry = this.#queue.peek(); entry !== undefined; entry = this.#queue.peek()) {
      if (!this.#tryToLeave(entry)) return;
    }
  }

  /** @internal It is this bucket's turn at the global gate. */
  onTurn(): void {
    this.drain();
  }

  /** @internal Learns from the answer to a request that has ended. */
  learn(request: AnsweredRequest, limits: ResponseLimits, now: LocalInstant): Finding | undefined {
    const { sentAt, description, isAnswered } = request;
    const { route, sequence: order } = description;
    const { identity } = route;
    const refused = limits.status === 429;
    if (limits.known === undefined) {
      // It may have counted although it told nothing.
      if (!refused && !isAnswered) this.#state.window?.lose(now);
      return undefined;
    }
    this.#routesAnswered.set(identity, route);
    this.#informedAt = Math.min(this.#informedAt, now);
    const finding = this.#state.observe({
      headers: limits.known,
      sentAt,
      receivedAt: now,
      order,
      route: identity,
      refused,
    });
    if (finding.isContended) this.#state.beCautious(now);
    return finding;
  }

  /** @internal Learns of a limit that no header shows. */
  learnHidden(request: RequestDescription, refusal: Refusal, admitted: readonly AdmittedRequest[]): SubLimit {
    const { route, fields } = request;
    this.#state.subLimits ??= new SubLimits();
    return this.#state.subLimits.refuse(route.identity, {
      fields: refusal.kind === 'sub-limit' ? fields : undefined,
      retryAfter: refusal.retryAfter,
      receivedAt: this.#host.clock.now(),
      admitted,
    });
  }

  /** @internal Lets nothing leave before `until`. */
  hold(until: LocalInstant): void {
    this.#state.hold(until);
  }

  /** @internal Only the global limit holds from now on. */
  setUnlimited(): void {
    this.#state.isUnlimited = true;
  }

  /** @internal Takes the oldest request of a route that is under way as answered, before its permit ends. */
  answerOldest(identity: string): HeldPermit | undefined {
    for (const permit of this.#inFlight) {
      if (permit.isAnswered || permit.description.route.identity !== identity) continue;
      permit.isAnswered = true;
      this.#state.inFlight--;
      return permit;
    }
    return undefined;
  }

  /** @internal The route of this identity that the bucket was made for, or that something here belongs to. */
  routeOf(identity: string): CompiledRoute | undefined {
    const known = this.#route.identity === identity ? this.#route : this.#routesAnswered.get(identity);
    if (known) return known;
    for (const { route } of this.#requests()) if (route.identity === identity) return route;
    return undefined;
  }

  /** @internal Whether anything here belongs to a route of another identity. */
  isUsedBeside(identity: string): boolean {
    for (const { route } of this.#requests()) if (route.identity !== identity) return true;
    return false;
  }

  /** @internal Whether a request that left at `sentAt` could know of the window from answers. */
  wasInformed(sentAt: LocalInstant): boolean {
    return this.#informedAt <= sentAt;
  }

  /** @internal The routes that have answered here, by identity. */
  get routesAnswered(): ReadonlyMap<string, CompiledRoute> {
    return this.#routesAnswered;
  }

  /** @internal Continues with what another bucket knows of a route alone. */
  adopt(other: RESTBucket, identity: string): void {
    this.#state.adopt(identity, other.#state.windowOf(identity));
  }

  /** @internal Continues with all that another bucket knows. */
  adoptAll(other: RESTBucket, identity: string): void {
    this.#state.adopt(identity, other.#state.window);
  }

  /** @internal Takes over what another bucket has waiting or in flight of a route, in order. */
  absorb(other: RESTBucket, identity: string): void {
    const isMine = ({ description }: { description: RequestDescription }) => description.route.identity === identity;
    for (const entry of this.#queue.absorb(other.#queue, isMine)) entry.place = this;
    this.#state.inherit(other.#state);
    for (const permit of [...other.#inFlight].filter(isMine)) {
      other.#forget(permit);
      other.#endSubLimits(permit, true);
      this.#countSubLimits(permit);
      this.#track(permit);
    }
    for (const entry of [...other.#parked].filter(isMine)) {
      other.#parked.delete(entry);
      this.#parked.add(entry);
      entry.place = this;
    }
    if (other.#queue.isEmpty) other.#stopWaiting();
  }

  /** @internal What outlives the process: those in flight were counted by `lostAt`, or never will be. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): BucketKnowledge {
    return this.#state.knowledge(now, lostAt);
  }

  /** @internal Continues with what was known before a restart. */
  continueFrom(before: BucketState): void {
    this.#state.continueFrom(before);
    if (before.route === this.#route.identity) this.#routesAnswered.set(before.route, this.#route);
  }

  /** @internal The state of the bucket in the eyes of the garbage collector. */
  gcState(expireAfter: Duration, now: LocalInstant): GCState {
    const inUse = !this.isEmpty || this.#inFlight.size > 0;
    return gcState(inUse, this.#state.idleAt, expireAfter, now);
  }

  /** @internal */
  complete(permit: HeldPermit, source: LimitsSource): Refusal | undefined {
    const limits = parseLimits(source);
    const refusal = classifyRefusal(limits);
    const { bucket: from } = permit;
    from.#end(permit, refusal ? 'refused' : 'counted', isInvalid(limits));
    if (!from.#isClosed) {
      const bucket = this.#host.learn(permit, limits, refusal, this.#host.clock.now());
      bucket.drain();
      if (bucket !== from) from.drain();
    }
    this.#host.gate?.serve();
    return refusal;
  }

  /** @internal */
  cancel(permit: HeldPermit, reason: CancelReason): void {
    permit.bucket.#cancel(permit, reason);
  }

  /** @internal */
  retry(permit: HeldPermit, signal: AbortSignal | undefined): Promise<Permit> {
    const { description, refusal } = permit;
    if (this.#isClosed) return Promise.reject(new LimiterClosedError(String(description.route)));
    if (signal?.aborted) return Promise.reject(signal.reason);
    const error = this.#host.errorFor(description.route);
    if (error) return Promise.reject(error);
    const bucket = this.#host.getBucket(description.route);
    const entry = new QueuedRequest(description, signal);
    // Without the names of its fields, nothing is known but that this one request has to wait.
    if (refusal?.kind === 'sub-limit' && description.fields.length === 0) bucket.#parkFor(entry, refusal.retryAfter);
    else bucket.enqueue(entry);
    return entry.promise;
  }

  *#requests(): Generator<RequestDescription> {
    for (const places of [this.#queue, this.#inFlight, this.#parked]) {
      for (const { description } of places) yield description;
    }
  }

  #parkFor(entry: QueuedRequest, wait: Duration): void {
    const { route } = entry.description;
    if (wait > this.#host.maxRateLimit) entry.reject(this.#tooLong(route, wait, false));
    else this.park(entry, this.#host.clock.now() + wait);
  }

  #cancel(permit: HeldPermit, reason: CancelReason): void {
    if (reason === 'abandoned' && !permit.isAnswered && !this.#isClosed) {
      // The next write need not wait for an answer that nobody expects; the count is kept until it is certain.
      permit.isEnded = true;
      this.#lock.leave(permit.description.exclusion);
      const until = this.#host.clock.now() + ABANDONED_GRACE;
      const end = () => permit.bucket.#endUnanswered(permit, 'lost');
      permit.graceTimer = this.#host.clock.setTimer(until, end, { keepsProcessAlive: false });
      this.drain();
    } else {
      this.#endUnanswered(permit, reason);
    }
  }

  #endUnanswered(permit: HeldPermit, reason: CancelReason): void {
    const counts = reason !== 'unsent' && !permit.isAnswered;
    this.#end(permit, reason === 'unsent' ? 'unsent' : 'counted');
    if (counts) this.#state.window?.lose(this.#host.clock.now());
    if (!this.#isClosed) this.drain();
    this.#host.gate?.serve();
  }

  /** Gives back all that a permit holds; the one place where that happens. */
  #end(permit: HeldPermit, outcome: 'counted' | 'refused' | 'unsent', isInvalidAnswer = false): void {
    this.#forget(permit);
    permit.isEnded = true;
    this.#endSubLimits(permit, outcome === 'counted');
    const how = outcome === 'unsent' ? 'unsent' : isInvalidAnswer ? 'invalid' : 'other';
    this.#host.gate?.end(how, permit.description.isExempt);
  }

  /** Grants a permit if every rule lets the request leave now. */
  #tryGrant(description: RequestDescription): Permit | undefined {
    const { clock, gate } = this.#host;
    const { subLimits } = this.#state;
    const now = clock.now();
    if (!this.#lockAdmits(description) || this.#state.waitFor(now) > 0) return undefined;
    if (subLimits && subLimits.waitForFields(description.fields, now) > 0) return undefined;
    if (gate !== undefined && !gate.pass(this, description.isExempt)) return undefined;
    const permit = new HeldPermit(this, this, description, now);
    this.#countSubLimits(permit);
    this.#track(permit);
    return permit;
  }

  #lockAdmits({ exclusion }: RequestDescription): boolean {
    return this.#lock.admits(this.#state.isUnlimited && exclusion === 'writes' ? 'none' : exclusion);
  }

  #countSubLimits(permit: HeldPermit): void {
    permit.subLimits = this.#state.subLimits?.concerning(permit.description.fields);
    for (const limit of permit.subLimits ?? []) limit.leave();
  }

  #endSubLimits(permit: HeldPermit, isCounted: boolean): void {
    for (const limit of permit.subLimits ?? []) limit.end(isCounted, this.#host.clock.now());
  }

  #track(permit: HeldPermit): void {
    permit.bucket = this;
    this.#inFlight.add(permit);
    if (!permit.isAnswered) this.#state.inFlight++;
    if (!permit.isEnded) this.#lock.enter(permit.description.exclusion);
  }

  #forget(permit: HeldPermit): void {
    this.#inFlight.remove(permit);
    if (!permit.isAnswered) this.#state.inFlight--;
    if (!permit.isEnded) this.#lock.leave(permit.description.exclusion);
  }

  /** Lets the first of the queue leave or rejects it; `false` when it has to wait. */
  #tryToLeave(entry: QueuedRequest): boolean {
    const { description } = entry;
    const error = this.#errorFor(description);
    if (error === undefined && this.#stepsAside(entry)) return true;
    const permit = error ? undefined : this.#tryGrant(description);
    if (error === undefined && permit === undefined) {
      this.#awaitTurn(description);
      return false;
    }
    this.#queue.remove(entry);
    if (permit) entry.grant(permit);
    else entry.reject(error);
    if (error && this.#queue.isEmpty) this.#stopWaiting();
    return true;
  }

  /** A request that has to wait for the sake of its fields makes way for the others. */
  #stepsAside(entry: QueuedRequest): boolean {
    const { fields } = entry.description;
    const wait = this.#state.subLimits?.waitForFields(fields, this.#host.clock.now()) ?? 0;
    if (wait === 0 || !Number.isFinite(wait)) return false;
    this.#queue.remove(entry);
    this.#parkFor(entry, wait);
    return true;
  }

  /** Puts back into the queue what has waited by itself for long enough, before anything later may leave. */
  #unpark(now: LocalInstant): void {
    for (const entry of this.#parked) {
      if (entry.parkedUntil > now) continue;
      this.withdraw(entry);
      entry.place = this;
      this.#queue.insert(entry);
    }
  }

  /** Sees to it that the first of the queue is asked again as soon as what holds it up may have passed. */
  #awaitTurn(description: RequestDescription): void {
    const { clock, gate } = this.#host;
    const { route, priority, isExempt, fields } = description;
    const now = clock.now();
    // The end of those in flight asks again.
    if (!this.#lockAdmits(description) || this.#state.subLimits?.waitForFields(fields, now)) return;
    const wait = this.#state.waitFor(now);
    if (wait > 0) {
      if (Number.isFinite(wait) && this.#wakeAt(now + wait)) this.#host.onRateLimited(this, route, wait);
    } else {
      gate?.queue(this, priority, isExempt);
    }
  }

  /** Asks the queue again at `at`; an earlier call that is due already serves as well. */
  #wakeAt(at: LocalInstant): boolean {
    if (this.#wake !== undefined && this.#wake.at <= at) return false;
    this.#wake?.timer.cancel();
    const timer = this.#host.clock.setTimer(at, () => {
      this.#wake = undefined;
      this.drain();
    });
    this.#wake = { at, timer };
    return true;
  }

  #stopWaiting(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
    this.#host.gate?.leave(this);
  }

  #refusalToQueue(description: RequestDescription): Error | undefined {
    const { maxQueueSize } = this.#host;
    if (this.queueSize >= maxQueueSize) return new QueueFullError(String(description.route), maxQueueSize);
    return this.#errorFor(description);
  }

  /** Why a request is not to wait for its turn. */
  #errorFor(description: RequestDescription): Error | undefined {
    return this.#host.errorFor(description.route) ?? this.#tooLongFor(description);
  }

  /** The error for a limit that lasts too long to wait for. A queue's own length is no limit. */
  #tooLongFor({ route, isExempt }: RequestDescription): RateLimitTooLongError | undefined {
    const { clock, gate, maxRateLimit } = this.#host;
    if (maxRateLimit === Number.POSITIVE_INFINITY) return undefined;
    const now = clock.now();
    const held = gate?.heldFor(isExempt, now) ?? 0;
    if (held > maxRateLimit) return this.#tooLong(route, held, true);
    const wait = this.#state.waitFor(now);
    return Number.isFinite(wait) && wait > maxRateLimit ? this.#tooLong(route, wait, false) : undefined;
  }

  #tooLong(route: CompiledRoute, retryAfter: Duration, isGlobal: boolean): RateLimitTooLongError {
    const now = this.#host.clock.now();
    return new RateLimitTooLongError({
      route: String(route),
      retryAfter,
      maxRetryAfter: this.#host.maxRateLimit,
      resetAt: now + retryAfter,
      limit: this.#state.window?.limit,
      remaining: Math.max(0, this.#state.available(now)),
      period: this.#state.window?.period,
      isGlobal,
    });
  }
}
