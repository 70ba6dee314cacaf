import { listenToAbort } from '../clock/abort-listener.js';
import type { Timer } from '../clock/clock.js';
import type { BucketIdentity, Grant } from '../coordination/ledger.js';
import { QueueNode } from '../gates/queue.js';
import type { TurnTaker } from '../gates/turn-taker.js';
import type { CompiledRoute } from '../routes/route.js';
import { BucketState } from '../rules/bucket-state.js';
import type { LimitsSource } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { WindowKind } from '../rules/window-kind.js';
import type { Exclusion } from './exclusion.js';
import { InFlight } from './in-flight.js';
import { NO_SUB_LIMITS, type RequestDescription, RequestExtras } from './request-description.js';
import type {
  AcquireOptions,
  CancelReason,
  Permit,
  RateLimitUpdate,
  RESTBucket,
  RepeatOptions,
} from './rest-bucket.js';
import { Waiting } from './waiting.js';

/** The machinery behind a bucket: requests in, permits back. All buckets of one authentication share it. */
export interface Desk {
  now(): LocalInstant;
  request(bucket: Bucket, route: CompiledRoute, options: AcquireOptions): Promise<Permit>;
  /** Takes a request out of where it waits. */
  withdraw(request: PermitRequest): void;
  complete(permit: PermitRequest, source: LimitsSource): Refusal | undefined;
  cancel(permit: PermitRequest, reason: CancelReason): void;
  retry(permit: PermitRequest, signal: AbortSignal | undefined): Promise<Permit>;
  repeat(permit: PermitRequest, outcome: LimitsSource | CancelReason, options: RepeatOptions): Promise<Permit>;
  update(bucket: Bucket, update: RateLimitUpdate): void;
  resolve(bucket: Bucket, realBucketHash: string): void;
  close(bucket: Bucket): void;
  /** Lets requests of the bucket leave for as long as the limits allow. */
  dispatch(bucket: Bucket): void;
  /** Slots of the global limit that the requests in the queue could use at once. */
  slotDemand(bucket: Bucket): number;
}

/** The buckets that belong together, and what they have in common. */
export interface BucketGroup {
  readonly desk: Desk;
  /** The bucket hash that they have in common. */
  readonly hash: string | undefined;
  /** Whether no response has shown their bucket hash yet. */
  readonly isUnknown: boolean;
  /** The identity in the store of the bucket with these major parameters. */
  identityOf(majorKey: string): BucketIdentity;
  /** The name of the bucket with these major parameters. */
  nameOf(majorKey: string): string;
  /** A request that the bucket with these major parameters limits; of the route with this identity, if any. */
  routeOf(majorKey: string, identity: string): CompiledRoute;
}

/**
 * One request for a permit, from acquire to its response: a node in the queue while it waits, and once it may leave the
 * permit itself, a node in the list of requests in flight.
 */
export class PermitRequest extends QueueNode implements Permit, RequestDescription {
  /** The bucket in which it waits or counts. */
  bucket: Bucket;
  readonly route: CompiledRoute;
  readonly exclusion: Exclusion;
  readonly isExempt: boolean;
  readonly fields: readonly string[];
  isEnded = false;
  /** Whether the response is known already, before the permit has ended. */
  isAnswered = false;
  sentAt: LocalInstant = 0;
  /** Its place in the order of departure. */
  departure = 0;
  /** What the store granted for it, where processes share the limits. */
  grant: Grant | undefined;
  #settle: ((permit: Permit | Promise<never>) => void) | undefined;
  #extras: RequestExtras | undefined;

  constructor(bucket: Bucket, description: RequestDescription) {
    super(description.priority, description.sequence);
    this.bucket = bucket;
    this.route = description.route;
    this.exclusion = description.exclusion;
    this.isExempt = description.isExempt;
    this.fields = description.fields;
  }

  get notBefore(): LocalInstant {
    return this.#extras === undefined ? 0 : this.#extras.notBefore;
  }

  get refusal(): Refusal | undefined {
    return this.#extras?.refusal;
  }

  get subLimits(): readonly SubLimit[] {
    return this.#extras === undefined ? NO_SUB_LIMITS : this.#extras.subLimits;
  }

  set subLimits(limits: readonly SubLimit[]) {
    if (limits.length > 0 || this.#extras !== undefined) this.extras.subLimits = limits;
  }

  get graceTimer(): Timer | undefined {
    return this.#extras?.graceTimer;
  }

  get parkTimer(): Timer | undefined {
    return this.#extras?.parkTimer;
  }

  /** Made when first needed, as few requests need any of them. */
  get extras(): RequestExtras {
    this.#extras ??= new RequestExtras();
    return this.#extras;
  }

  /** The promise of the permit, for a request that has to wait until it is granted, rejected or aborted. */
  wait(signal: AbortSignal | undefined): Promise<Permit> {
    const promise = new Promise<Permit>((resolve) => {
      this.#settle = resolve;
    });
    if (signal !== undefined) {
      this.extras.signal = signal;
      listenToAbort(signal, this);
    }
    return promise;
  }

  grantPermit(): void {
    this.release()?.(this);
  }

  reject(reason: unknown): void {
    // One function for both outcomes, as each takes memory while the request waits.
    this.release()?.(Promise.reject(reason));
  }

  /** The signal aborted. */
  handleEvent(): void {
    const reason = this.#extras?.signal?.reason;
    this.bucket.group.desk.withdraw(this);
    this.reject(reason);
  }

  complete(source: LimitsSource): Refusal | undefined {
    assertHeld(this, 'complete');
    const refusal = this.bucket.group.desk.complete(this, source);
    if (refusal !== undefined) this.extras.refusal = refusal;
    return refusal;
  }

  cancel(reason: CancelReason = 'abandoned'): void {
    assertHeld(this, 'cancel');
    this.bucket.group.desk.cancel(this, reason);
  }

  retry(options: { signal?: AbortSignal | undefined } = {}): Promise<Permit> {
    if (this.refusal === undefined) {
      return Promise.reject(new Error(`${this.route} was not refused: acquire a new permit instead`));
    }
    return this.bucket.group.desk.retry(this, options.signal);
  }

  repeat(outcome: LimitsSource | CancelReason, options: RepeatOptions = {}): Promise<Permit> {
    assertHeld(this, 'repeat');
    return this.bucket.group.desk.repeat(this, outcome, options);
  }

  [Symbol.dispose](): void {
    if (!this.isEnded) this.cancel();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]();
  }

  /** The request waits no longer: its signal is left alone. TypeScript's `private` keeps the object 8 bytes smaller. */
  private release(): ((permit: Permit | Promise<never>) => void) | undefined {
    const settle = this.#settle;
    this.#settle = undefined;
    const extras = this.#extras;
    if (extras?.signal !== undefined) {
      extras.signal.removeEventListener('abort', this);
      extras.signal = undefined;
    }
    return settle;
  }
}

/**
 * The record of one counter of the server: what waits, what is in flight, and what is known. A process may have a
 * million idle ones, so an idle bucket holds nothing but its knowledge. The modules beside this file work on it.
 */
export class Bucket implements RESTBucket, TurnTaker {
  group: BucketGroup;
  /** The hash of the major parameters that its requests have in common. */
  readonly majorKey: string;
  readonly state = new BucketState();
  /** Made when a request leaves, and dropped when none is in flight. */
  permits: InFlight<PermitRequest> | undefined;
  /** Made when a request has to wait, and dropped when none does. */
  waiting: Waiting<PermitRequest> | undefined;

  constructor(group: BucketGroup, route: CompiledRoute) {
    this.group = group;
    this.majorKey = detached(route.majorParamHash);
    this.state.isUnlimited = !route.hasBucket;
  }

  get name(): string {
    return this.group.nameOf(this.majorKey);
  }

  get route(): CompiledRoute {
    for (const { route } of this.requests()) return route;
    return this.group.routeOf(this.majorKey, this.state.route);
  }

  get isUnknown(): boolean {
    return this.group.isUnknown;
  }

  get isEmpty(): boolean {
    return this.waiting === undefined || this.waiting.isEmpty;
  }

  get isUnlimited(): boolean {
    return this.state.isUnlimited;
  }

  get limit(): number {
    return this.state.isUnlimited ? Number.POSITIVE_INFINITY : this.state.limit;
  }

  get remaining(): number {
    return Math.max(0, this.state.available(this.unanswered, this.group.desk.now()));
  }

  get resetAt(): LocalInstant {
    return this.state.resetAt;
  }

  get period(): Duration {
    return this.state.period;
  }

  get windowKind(): WindowKind {
    return this.state.kind;
  }

  get isCautious(): boolean {
    return this.state.isCautious(this.group.desk.now());
  }

  get subLimits(): readonly SubLimit[] {
    return this.state.subLimits?.limits ?? [];
  }

  get queueSize(): number {
    return this.waiting === undefined ? 0 : this.waiting.size;
  }

  get inFlight(): number {
    return this.permits === undefined ? 0 : this.permits.size;
  }

  get slotDemand(): number {
    return this.group.desk.slotDemand(this);
  }

  /** Whether the bucket was closed, so that no request may wait or leave. */
  get isClosed(): boolean {
    return this.waiting?.isClosed === true;
  }

  /** Requests that the server may count and whose response is not known. */
  get unanswered(): number {
    return this.permits === undefined ? 0 : this.permits.unanswered;
  }

  isRateLimited(now: LocalInstant): boolean {
    return !this.isUnknown && this.state.available(this.unanswered, now) < 1;
  }

  timeUntilReset(now: LocalInstant): Duration {
    return this.isRateLimited(now) ? Math.max(0, this.resetAt - now) : 0;
  }

  acquire(options: AcquireOptions = {}): Promise<Permit> {
    return this.group.desk.request(this, this.route, options);
  }

  release(): void {
    this.permits?.oldest?.cancel('lost');
  }

  updateRateLimit(update: RateLimitUpdate): void {
    this.group.desk.update(this, update);
  }

  resolve(realBucketHash: string): void {
    if (!this.isUnknown) throw new Error('Cannot resolve known bucket');
    this.group.desk.resolve(this, realBucketHash);
  }

  close(): void {
    this.group.desk.close(this);
  }

  /** The global gate calls it when the bucket may pass one request. */
  onTurn(): void {
    this.group.desk.dispatch(this);
  }

  /** The requests in flight, in the queue, and beside it. */
  *requests(): Generator<PermitRequest> {
    for (const place of [this.permits, this.waiting?.queue, this.waiting?.parked]) yield* place ?? [];
  }

  /** A request of a route that is in flight or waits here, or one that stands for all of the route. */
  routeOf(identity: string): CompiledRoute {
    for (const { route } of this.requests()) if (route.identity === identity) return route;
    return this.group.routeOf(this.majorKey, identity);
  }

  /** Whether anything here belongs to a route: what is known, a request that waits, or one in flight. */
  isUsedBy(identity: string): boolean {
    if (this.state.windowOf(identity)) return true;
    for (const { route } of this.requests()) if (route.identity === identity) return true;
    return false;
  }

  /** Whether any request here belongs to a route of another identity. */
  isUsedBeside(identity: string): boolean {
    for (const { route } of this.requests()) if (route.identity !== identity) return true;
    return false;
  }

  /** Whether a request may be in flight beside those that are. */
  mayRunBeside({ exclusion }: PermitRequest): boolean {
    const { permits } = this;
    if (permits === undefined) return true;
    return permits.admits(exclusion === 'writes' && this.state.isUnlimited ? 'none' : exclusion);
  }

  openWaiting(): Waiting<PermitRequest> {
    this.waiting ??= new Waiting();
    return this.waiting;
  }

  /** Puts a request at its place in the queue. */
  stand(request: PermitRequest): void {
    request.bucket = this;
    this.openWaiting().queue.insert(request);
  }

  /** Counts a request as in flight here, in the window and in the sub-limits that apply to it. */
  track(permit: PermitRequest): void {
    permit.subLimits = this.state.subLimits?.concerning(permit.fields) ?? NO_SUB_LIMITS;
    for (const limit of permit.subLimits) limit.leave();
    permit.bucket = this;
    this.permits ??= new InFlight();
    this.permits.add(permit);
  }

  /** Counts a request as in flight here no longer; `mayCount` tells whether a sub-limit may have counted it. */
  untrack(permit: PermitRequest, mayCount: boolean, now: LocalInstant): void {
    const permits = this.permits as InFlight<PermitRequest>;
    permits.remove(permit);
    if (permits.size === 0) this.permits = undefined;
    for (const limit of permit.subLimits) limit.end(mayCount, now);
  }

  /** Marks the oldest request of a route in flight as answered, before its permit ends. */
  answerOldest(identity: string): PermitRequest | undefined {
    for (const permit of this.permits ?? []) {
      if (permit.isAnswered || permit.route.identity !== identity) continue;
      this.permits?.answer(permit);
      return permit;
    }
    return undefined;
  }
}

function assertHeld({ isEnded, route }: PermitRequest, action: string): void {
  if (isEnded) throw new Error(`Cannot ${action} the permit of ${route}: it has ended`);
}

/** A copy, as a part of a longer text keeps all of it in memory: here, the path that a request was matched by. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
