import type { Bucket } from '../buckets/bucket.js';
import type { BucketContext } from '../buckets/bucket-context.js';
import { BucketDesk } from '../buckets/desk.js';
import type { Dispatcher } from '../buckets/dispatcher.js';
import type { AcquireOptions, Permit } from '../buckets/rest-bucket.js';
import { SharedTurns } from '../buckets/shared-turns.js';
import { asStored, type StoreBucket } from '../buckets/store-bucket.js';
import { OwnTurns } from '../buckets/turns.js';
import type { Coordinator } from '../coordination/coordinator.js';
import type { LeaseState } from '../coordination/lease.js';
import type { Outbox } from '../coordination/outbox.js';
import { SharedLimits } from '../coordination/shared-limits.js';
import type { AddressGate } from '../gates/address-gate.js';
import { GlobalGate } from '../gates/global-gate.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { AuthenticationKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { NO_AUTHORIZATION } from './digest.js';
import { Directory } from './directory.js';
import { Learning } from './learning.js';
import type { Tell } from './tell.js';

/** The parts of its manager that an authentication works with. */
export interface AuthenticationHost
  extends Pick<BucketContext, 'clock' | 'maxRateLimit' | 'maxQueueSize' | 'concurrency' | 'order'> {
  readonly globalLimit: number;
  readonly address: AddressGate;
  /** `undefined`: this process limits alone. */
  readonly coordinator: Coordinator | undefined;
  readonly tell: Tell;
  /** The error for a request that may neither leave nor wait at present. */
  errorFor(authentication: Authentication, route: CompiledRoute): Error | undefined;
  /** Another process locked or unlocked the authorization. */
  onAuthorizationLock(authentication: Authentication, isLocked: boolean): void;
  /** Another process locked a webhook for this long; 0: it unlocked the webhook. */
  onWebhookLock(majorKey: string, duration: Duration): void;
  onLease(authentication: Authentication, state: LeaseState, reason: string): void;
  /** The server bans this IP address. */
  onBanned(route: CompiledRoute, until: LocalInstant, retryAfter: Duration): void;
  /** All about limits is learned from the response to a request that was sent. */
  onAnswered(authentication: Authentication, route: CompiledRoute, limits: ResponseLimits): void;
  onInvalid(answer: InvalidAnswer): void;
}

/** One authorization and all that is counted for it: puts the parts together that its buckets share. */
export class Authentication {
  /** Stands for the authorization wherever it is named. */
  readonly digest: string;
  readonly gate: GlobalGate;
  /** `undefined` where this process limits alone. */
  readonly sharedLimits: SharedLimits | undefined;
  readonly directory: Directory;
  readonly #host: AuthenticationHost;
  readonly #learning: Learning;
  readonly #dispatcher: Dispatcher;

  constructor(digest: string, host: AuthenticationHost) {
    this.digest = digest;
    this.#host = host;
    this.gate = this.#createGate();
    this.sharedLimits = host.coordinator && this.#share(host.coordinator);
    const turns = this.sharedLimits ? new SharedTurns(this.sharedLimits, host.order) : new OwnTurns();
    const desk = new BucketDesk(this.#createContext(turns));
    this.#dispatcher = desk.dispatcher;
    const parts = { turns, dispatcher: desk.dispatcher, order: host.order, tell: host.tell };
    this.directory = new Directory({
      ...parts,
      digest,
      desk,
      clock: host.clock,
      report: (change) => this.report(change),
    });
    this.#learning = new Learning({
      ...parts,
      directory: this.directory,
      throttle: (duration, now) => this.throttle(duration, now),
      onBanned: host.onBanned,
      onAnswered: (route, limits) => host.onAnswered(this, route, limits),
    });
  }

  /** Whether its requests carry an authorization. */
  get hasAuthorization(): boolean {
    return this.digest !== NO_AUTHORIZATION;
  }

  /** Whether nothing here matters any more at `now`, except what was learned. */
  isIdle(now: LocalInstant): boolean {
    return this.directory.isEmpty && this.gate.isIdle(now);
  }

  getBucket(route: CompiledRoute): Bucket {
    return this.directory.getBucket(route);
  }

  acquire(route: CompiledRoute, options: AcquireOptions): Promise<Permit> {
    return this.#dispatcher.request(this.getBucket(route), route, options);
  }

  /** Learns from headers that came without a permit, or before their permit ends. */
  update(route: CompiledRoute, limits: ResponseLimits, now: LocalInstant): void {
    this.#learning.update(route, limits, now);
  }

  /** Reports to the store what concerns more than one bucket, if processes share the limits. */
  report(change: (outbox: Outbox) => void): void {
    this.sharedLimits?.report(change);
  }

  /** Holds all requests for this long, in all processes, and rejects those for which that is too long. */
  throttle(duration: Duration, now: LocalInstant): void {
    this.report((outbox) => outbox.throttle(duration));
    this.#throttleUntil(now + duration);
  }

  /** Asks the rules again for every request that waits, in every bucket. */
  dispatch(): void {
    for (const bucket of this.directory.buckets()) if (!bucket.isEmpty) this.#dispatcher.dispatch(bucket);
  }

  /** Rejects the requests that wait and for which there is an error; all, or those with these major parameters. */
  rejectWaiting(majorKey?: string): void {
    const errorFor = (route: CompiledRoute) => this.#host.errorFor(this, route);
    for (const set of this.directory.sets()) {
      for (const bucket of majorKey === undefined ? set.values() : [set.get(majorKey)]) {
        if (bucket !== undefined) this.#dispatcher.rejectWaiting(bucket, errorFor);
      }
    }
  }

  /** The knowledge that outlives the process: the server counted the requests in flight by `lostAt`, or never will. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): AuthenticationKnowledge {
    return {
      digest: this.digest,
      gate: this.gate.knowledge(now, lostAt),
      ...this.directory.knowledge(now, lostAt),
    };
  }

  /** Continues from before a restart, as long as nothing else is known. */
  restore(known: AuthenticationKnowledge): void {
    this.gate.restore(known.gate);
    this.directory.restore(known);
  }

  close(): void {
    this.sharedLimits?.close();
    this.gate.close();
    this.directory.close();
  }

  #createGate(): GlobalGate {
    const { clock, globalLimit, address, coordinator, tell, onInvalid } = this.#host;
    return new GlobalGate({
      clock,
      limit: globalLimit,
      address,
      onLimited: (retryAfter, isReactive) =>
        tell('globalLimited', () => ({ authentication: this.digest, retryAfter, isReactive })),
      onInvalid,
      onShort: coordinator && (() => this.sharedLimits?.wantSlots()),
      onLeft: coordinator && (() => this.sharedLimits?.spareSlots()),
    });
  }

  #createContext(turns: BucketContext['turns']): BucketContext {
    const { clock, maxRateLimit, maxQueueSize, concurrency, order, tell } = this.#host;
    return {
      clock,
      maxRateLimit,
      maxQueueSize,
      concurrency,
      gate: this.gate,
      turns,
      order,
      // Interactions are exempt, unless they carry an authorization: then they count as its owner's
      // (discord-api-docs#4142).
      isExempt: (route) => route.isInteraction && !this.hasAuthorization,
      errorFor: (route) => this.#host.errorFor(this, route),
      getBucket: (route) => this.directory.getBucket(route),
      learn: (permit, limits, refusal, now) => this.#learning.learn(permit, limits, refusal, now),
      onRateLimited: (bucket, route, retryAfter) =>
        tell('rateLimited', () => ({
          route: String(route),
          bucket: bucket.name,
          retryAfter,
          limit: bucket.limit,
          remaining: bucket.remaining,
          resetAt: bucket.resetAt,
          queued: bucket.queueSize,
        })),
    };
  }

  #share(coordinator: Coordinator): SharedLimits {
    const { clock } = this.#host;
    return new SharedLimits(this.digest, coordinator, {
      clock,
      gate: this.gate,
      bucketsInUse: () => this.#bucketsInUse(),
      dispatch: () => this.dispatch(),
      restate: (outbox) => this.directory.restate(outbox),
      onState: (state, reason) => this.#host.onLease(this, state, reason),
      onRoute: (identity, hash) => this.#onRoute(identity, hash),
      onGrouping: (hash, isSplit, joins) => this.#dispatchAll(this.directory.setGrouping(hash, { isSplit, joins })),
      onThrottled: (duration) => this.#throttleUntil(clock.now() + duration),
      onLock: (isLocked) => this.#host.onAuthorizationLock(this, isLocked),
      onWebhook: (majorKey, duration) => this.#host.onWebhookLock(majorKey, duration),
    });
  }

  *#bucketsInUse(): Generator<StoreBucket> {
    for (const bucket of this.directory.buckets()) if (bucket.inFlight > 0) yield asStored(bucket);
  }

  /** Another process learned which bucket hash a route has, or that it has none. */
  #onRoute(identity: string, hash: string): void {
    const { directory } = this;
    this.#dispatchAll(hash === '' ? directory.learnUnlimited(identity) : directory.learnHash(identity, hash));
  }

  #dispatchAll(buckets: readonly Bucket[]): void {
    for (const bucket of buckets) this.#dispatcher.dispatch(bucket);
  }

  #throttleUntil(until: LocalInstant): void {
    this.gate.throttle(until);
    if (this.gate.heldFor(false, this.#host.clock.now()) > this.#host.maxRateLimit) this.dispatch();
  }
}
