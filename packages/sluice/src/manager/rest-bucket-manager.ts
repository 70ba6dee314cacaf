import { EventEmitter } from 'node:events';
import { RequestOrder } from '../buckets/request-order.js';
import { ABANDONED_GRACE, type AcquireOptions, type Permit, type RESTBucket } from '../buckets/rest-bucket.js';
import type { Clock } from '../clock/clock.js';
import { steady } from '../clock/steady-clock.js';
import type { WallTime } from '../clock/wall-time.js';
import type { LeaseState } from '../coordination/lease.js';
import { CoordinatorUnavailableError, LimiterClosedError } from '../errors.js';
import { AddressGate } from '../gates/address-gate.js';
import type { InvalidRequestGuard } from '../gates/invalid-request-guard.js';
import type { CompiledRoute } from '../routes/route.js';
import type { HeadersSource } from '../rules/header-source.js';
import { parseLimits, type RateLimitHeaders } from '../rules/headers.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { ManagerKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Authentication, type AuthenticationHost } from './authentication.js';
import { Collector } from './collector.js';
import { digestOf } from './digest.js';
import type { ManagerEvents } from './events.js';
import type { GCPass } from './gc-pass.js';
import { Locking } from './locking.js';
import type { ManagerOptions } from './manager-options.js';
import type { RealHashesToBuckets, RoutesToHashes } from './manager-views.js';
import { BucketsView, HashesView } from './map-views.js';
import { completeManagerOptions, type FullManagerOptions } from './option-defaults.js';
import type { ManagerSnapshot } from './snapshot/snapshot.js';
import { readSnapshot } from './snapshot/snapshot-reader.js';
import { writeSnapshot } from './snapshot/snapshot-writer.js';
import { type Tell, tellThrough } from './tell.js';

/** Options of the garbage collector. */
export interface StartOptions {
  /** Time between two passes, in ms. Default 20,000. */
  readonly pollPeriod?: Duration;
  /** How long after its last reset a bucket is kept, in ms. Default 10,000. */
  readonly expireAfter?: Duration;
}

/** The authorization of a request. */
export interface AuthorizationOptions {
  /** The `Authorization` header of the request; leave it out for a request without one. Only its digest is kept. */
  readonly authorization?: string | undefined;
}

/** The credential to unlock. */
export interface UnlockOptions extends AuthorizationOptions {
  /** Any request to the webhook. */
  readonly route?: CompiledRoute | undefined;
}

/** Options of {@link RESTBucketManager.acquire}. */
export interface ManagerAcquireOptions extends AcquireOptions, AuthorizationOptions {}

/**
 * Keeps every request under the limits: maps route → hash → bucket for each authentication, learns both from responses,
 * and takes away the buckets that have become stale.
 */
export class RESTBucketManager extends EventEmitter<ManagerEvents> implements Disposable {
  readonly clock: Clock;
  readonly maxRateLimit: Duration;
  readonly globalLimit: number;
  /** Counts the invalid requests of this manager, and of all that share it. */
  readonly invalidRequests: InvalidRequestGuard;
  /** The bucket hash of each route, as responses have shown it. */
  readonly routesToHashes: RoutesToHashes;
  /** The buckets by name. */
  readonly realHashesToBuckets: RealHashesToBuckets;
  readonly #address: AddressGate;
  readonly #host: AuthenticationHost;
  readonly #authentications = new Map<string, Authentication>();
  readonly #locking: Locking;
  readonly #collector: Collector;
  readonly #tell: Tell = tellThrough(this);
  readonly #wallTime: WallTime;
  readonly #guarded = { onHeld: () => this.#onHeld() };
  /** The authentication of the last request, so that not every request of a bot is digested. */
  #latest: { readonly authorization: string | undefined; readonly authentication: Authentication } | undefined;
  #isClosed = false;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. */
  constructor(options: ManagerOptions = {}) {
    super();
    const full = completeManagerOptions(options);
    this.clock = steady(full.clock);
    this.maxRateLimit = full.maxRateLimit;
    this.globalLimit = full.globalLimit;
    this.#wallTime = full.wallTime;
    this.#address = addressGateOf(full, this.clock);
    this.invalidRequests = this.#address;
    this.#address.attach(this.#guarded);
    if (full.coordinator) this.#address.shareThrough(full.coordinator);
    this.routesToHashes = new HashesView(this.#authentications);
    this.realHashesToBuckets = new BucketsView(this.#authentications);
    const parts = { clock: this.clock, authentications: this.#authentications, tell: this.#tell };
    this.#locking = new Locking({ ...parts, webhookLockDuration: full.webhookLockDuration });
    this.#collector = new Collector({
      ...parts,
      forget: (authentication) => this.#forget(authentication),
      expireLocks: () => this.#locking.expire(),
    });
    this.#host = this.#createHost(full);
  }

  /** Whether the garbage collector runs in the background. */
  get isStarted(): boolean {
    return this.#collector.isStarted;
  }

  /** Whether the manager was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Starts collecting stale buckets in the background.
   *
   * @throws Error when it is started already, LimiterClosedError when it is closed.
   */
  start(options: StartOptions = {}): void {
    const { pollPeriod = 20_000, expireAfter = 10_000 } = options;
    if (this.#isClosed) throw new LimiterClosedError();
    if (this.isStarted) throw new Error('The manager is started already');
    if (!(pollPeriod > 0 && expireAfter >= 0))
      throw new RangeError('pollPeriod and expireAfter are positive times in ms');
    this.#collector.start(pollPeriod, expireAfter);
  }

  /**
   * Stops the garbage collector, and rejects every request that waits or comes later with {@link LimiterClosedError}.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#collector.stop();
    for (const authentication of this.#authentications.values()) authentication.close();
    this.#authentications.clear();
    this.#latest = undefined;
    this.#address.detach(this.#guarded);
    // The requests in flight here may have held up those of other managers.
    this.#address.serve();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Waits for the right to send a request. Hold the permit from then until the response.
   *
   * @throws RateLimitTooLongError at once when a limit lasts longer than `maxRateLimit`; QueueFullError at once when
   * `maxQueueSize` requests wait in the bucket; AuthorizationLockedError and WebhookLockedError while the
   * authorization or the webhook is locked (see {@link unlock}); InvalidRequestLimitError with `onLimit: 'reject'`;
   * CoordinatorUnavailableError with `onUnavailable: 'reject'`; LimiterClosedError; the signal's own reason. All but
   * QueueFullError may also come while the request waits.
   */
  acquire(route: CompiledRoute, options: ManagerAcquireOptions = {}): Promise<Permit> {
    if (this.#isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    return this.#authentication(options.authorization).acquire(route, options);
  }

  /**
   * The bucket of a request. It is unknown until a response shows its hash.
   *
   * @throws LimiterClosedError when the manager is closed.
   */
  getBucket(route: CompiledRoute, options: AuthorizationOptions = {}): RESTBucket {
    if (this.#isClosed) throw new LimiterClosedError(String(route));
    return this.#authentication(options.authorization).getBucket(route);
  }

  /**
   * Learns from the headers of a response whose permit is not completed with them: maps the route to its hash, moves
   * the requests that wait there in order, and counts the oldest request of the route in flight as answered.
   *
   * @throws LimiterClosedError when the manager is closed.
   */
  updateRateLimits(
    route: CompiledRoute,
    headers: HeadersSource | RateLimitHeaders,
    options: AuthorizationOptions = {},
  ): void {
    if (this.#isClosed) throw new LimiterClosedError(String(route));
    this.#authentication(options.authorization).update(route, parseLimits(headers), this.clock.now());
  }

  /**
   * Holds all requests of an authentication for `retryAfter` ms, as after a 429 of scope global.
   *
   * @throws RangeError when `retryAfter` is no time, LimiterClosedError when the manager is closed.
   */
  throttle(retryAfter: Duration, options: AuthorizationOptions = {}): void {
    if (!(retryAfter >= 0)) throw new RangeError(`retryAfter must be a time in ms, not ${retryAfter}`);
    if (this.#isClosed) throw new LimiterClosedError();
    this.#authentication(options.authorization).throttle(retryAfter, this.clock.now());
  }

  /**
   * Unlocks an authorization that was answered with 401, or a webhook that was answered with 404 (docs/theory.md,
   * "Invalid requests, locks and bans").
   *
   * @returns Whether anything was locked.
   */
  unlock({ authorization, route }: UnlockOptions): boolean {
    const hadAuthorization = authorization !== undefined && this.#locking.unlockAuthorization(digestOf(authorization));
    const hadWebhook = route !== undefined && this.#locking.unlockWebhook(route);
    return hadAuthorization || hadWebhook;
  }

  /** Judges every bucket at once and takes away those whose limit reset more than `expireAfter` ms ago. */
  doGCPass(expireAfter: Duration): GCPass {
    return this.#collector.pass(expireAfter);
  }

  /**
   * The knowledge of this manager, as plain JSON without secrets, for {@link restore} in a later process. Take it when
   * no request is sent any more, before {@link close}: requests that leave later are not in it, and those in flight
   * count as lost.
   *
   * @throws LimiterClosedError when the manager is closed.
   */
  snapshot(): ManagerSnapshot {
    if (this.#isClosed) throw new LimiterClosedError();
    const now = this.clock.now();
    return writeSnapshot(this.#knowledge(now), now, this.#wallTime());
  }

  /**
   * Continues from the snapshot of an earlier process, before the first request: windows as far as they were used,
   * routes, holds and locks. Those that have ended meanwhile are over.
   *
   * @param snapshot A return value of {@link snapshot}, as it was or parsed from JSON.
   * @throws SnapshotError when it is no snapshot, of another version, or corrupt: then nothing is changed; Error when
   * the manager is in use, LimiterClosedError when it is closed.
   */
  restore(snapshot: unknown): void {
    if (this.#isClosed) throw new LimiterClosedError();
    if (this.#authentications.size > 0 || !this.#locking.isEmpty) {
      throw new Error('Cannot restore a manager that is in use: restore before the first request');
    }
    const known = readSnapshot(snapshot, this.clock.now(), this.#wallTime());
    this.#address.restore(known.guard);
    this.#locking.restore(known.locks);
    for (const each of known.authentications) this.#authenticationOf(each.digest).restore(each);
  }

  #knowledge(now: LocalInstant): ManagerKnowledge {
    return {
      guard: this.#address.knowledge,
      locks: this.#locking.knowledge,
      authentications: [...this.#authentications.values()].map((each) => each.knowledge(now, now + ABANDONED_GRACE)),
    };
  }

  #createHost({ maxQueueSize, concurrency, coordinator }: FullManagerOptions): AuthenticationHost {
    const { clock, maxRateLimit, globalLimit } = this;
    return {
      clock,
      maxRateLimit,
      globalLimit,
      maxQueueSize,
      concurrency,
      coordinator,
      order: new RequestOrder(),
      address: this.#address,
      tell: this.#tell,
      errorFor: (authentication, route) => this.#errorFor(authentication, route),
      onAuthorizationLock: (authentication, isLocked) => this.#locking.onAuthorizationLock(authentication, isLocked),
      onWebhookLock: (majorKey, duration) => this.#locking.onWebhookLock(majorKey, duration),
      onLease: (authentication, state, reason) => this.#onLease(authentication, state, reason),
      onBanned: (route, until, retryAfter) => this.#onBanned(route, until, retryAfter),
      onAnswered: (authentication, route, limits) => this.#locking.learn(authentication, route, limits),
      onInvalid: (answer) => this.#onInvalid(answer),
    };
  }

  #errorFor(authentication: Authentication, route: CompiledRoute): Error | undefined {
    const locked = this.#locking.errorFor(authentication, route);
    if (locked !== undefined) return locked;
    if (authentication.sharedLimits?.rejects) return new CoordinatorUnavailableError(String(route));
    return this.#address.errorFor(route);
  }

  #onBanned(route: CompiledRoute, until: LocalInstant, retryAfter: Duration): void {
    this.#address.banAll(until);
    this.#tell('cloudflareBanned', () => ({ route: String(route), retryAfter, until }));
  }

  #onLease(authentication: Authentication, state: LeaseState, reason: string): void {
    const { digest, sharedLimits } = authentication;
    if (state === 'shared') this.#tell('coordinatorJoined', () => ({ authentication: digest }));
    else if (state === 'local') this.#tell('coordinatorLost', () => ({ authentication: digest, reason }));
    if (sharedLimits?.rejects) authentication.rejectWaiting();
  }

  #onInvalid({ count, crossed, isLast }: InvalidAnswer): void {
    const { limit } = this.#address;
    for (const percent of crossed) this.#tell('invalidRequests', () => ({ count, limit, percent }));
    if (!isLast) return;
    const now = this.clock.now();
    const retryAfter = this.#address.heldFor(now);
    this.#tell('invalidRequestsHeld', () => ({ count, limit, retryAfter, until: now + retryAfter }));
  }

  /** Rejects every waiting request whose wait would now exceed `maxRateLimit`. */
  #onHeld(): void {
    const { onLimit } = this.#address;
    if (onLimit === 'hold' && this.#address.heldFor(this.clock.now()) <= this.maxRateLimit) return;
    for (const authentication of this.#authentications.values()) authentication.dispatch();
  }

  #authentication(authorization: string | undefined): Authentication {
    if (this.#latest !== undefined && this.#latest.authorization === authorization) return this.#latest.authentication;
    const authentication = this.#authenticationOf(digestOf(authorization));
    this.#latest = { authorization, authentication };
    return authentication;
  }

  #authenticationOf(digest: string): Authentication {
    const found = this.#authentications.get(digest);
    if (found) return found;
    const authentication = new Authentication(digest, this.#host);
    this.#authentications.set(digest, authentication);
    return authentication;
  }

  #forget(authentication: Authentication): void {
    this.#authentications.delete(authentication.digest);
    if (this.#latest?.authentication === authentication) this.#latest = undefined;
  }
}

/** The gate behind the guard that was given, or a new one. */
function addressGateOf({ invalidRequests }: FullManagerOptions, clock: Clock): AddressGate {
  if (!(invalidRequests instanceof AddressGate)) return new AddressGate({ ...invalidRequests, clock });
  if (invalidRequests.clock === clock) return invalidRequests;
  throw new TypeError('invalidRequests must be a guard with the same clock as the manager');
}
