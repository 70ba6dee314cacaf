import type { Concurrency } from '../buckets/concurrency.js';
import { ABANDONED_GRACE, type Permit } from '../buckets/permit.js';
import type { AcquireOptions, RESTBucket } from '../buckets/rest-bucket.js';
import { DEFAULT_MAX_RATE_LIMIT } from '../buckets/solo-host.js';
import type { Clock, Timer } from '../clock/clock.js';
import { steady } from '../clock/steady-clock.js';
import { systemClock } from '../clock/system-clock.js';
import { systemWallTime, type WallTime } from '../clock/wall-time.js';
import type { Coordinator } from '../coordination/coordinator.js';
import type { LeaseState } from '../coordination/shared-limits.js';
import { CoordinatorUnavailableError, LimiterClosedError } from '../errors.js';
import { CredentialLocks, uselessCredential } from '../gates/credential-locks.js';
import { InvalidRequestGuard, type InvalidRequestOptions } from '../gates/invalid-request-guard.js';
import type { CompiledRoute } from '../routes/route.js';
import type { HeadersSource } from '../rules/header-source.js';
import { parseLimits, type RateLimitHeaders, type ResponseLimits } from '../rules/headers.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { ManagerKnowledge } from '../rules/knowledge.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Authentication, type AuthenticationHost, digestOf } from './authentication.js';
import { ManagerEmitter } from './events.js';
import type { GCPass } from './gc-pass.js';
import { checkManagerOptions } from './manager-options.js';
import { RealHashesToBuckets, RoutesToHashes } from './manager-views.js';
import { type ManagerSnapshot, writeSnapshot } from './snapshot/snapshot.js';
import { readSnapshot } from './snapshot/snapshot-reader.js';

/** How a manager limits. */
export interface ManagerOptions {
  /** The longest wait for a limit, in ms: a longer one is a `RateLimitTooLongError` at once. Default 300,000. */
  readonly maxRateLimit?: Duration;
  /** Requests per second and authentication (facts part 5); `Infinity` keeps none. Default 50. */
  readonly globalLimit?: number;
  /** Requests that may wait in one bucket: one more is a `QueueFullError` at once. Default `Infinity`. */
  readonly maxQueueSize?: number;
  /** Which requests of one bucket may be under way together. Default `writes-in-order`. */
  readonly concurrency?: Concurrency;
  /**
   * How invalid requests (answered 401, 403 or 429) are limited, or the guard that several managers share because they
   * send from one IP address (facts part 6). Default: a guard of its own, with the defaults of its options.
   */
  readonly invalidRequests?: InvalidRequestGuard | InvalidRequestOptions;
  /**
   * How long a webhook that answered that it does not exist is left alone, in ms; 0 locks none, `Infinity` until it is
   * unlocked. Default 600,000.
   */
  readonly webhookLockDuration?: Duration;
  /**
   * Shares the limits with other processes, as `RedisCoordinator` of `@sluice/redis` does. Default: this process limits
   * alone, and decides at once.
   */
  readonly coordinator?: Coordinator | undefined;
  /** The source of time. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
  /**
   * The current time in ms since the Unix epoch: only for {@link RESTBucketManager.snapshot} and `restore`, which tell
   * by it how long no process ran. Default: the machine's wall clock.
   */
  readonly wallTime?: WallTime;
}

/** How the garbage collector runs. */
export interface StartOptions {
  /** Time between two passes, in ms. Default 20,000. */
  readonly pollPeriod?: Duration;
  /** How long after its last reset a bucket is kept, in ms. Default 10,000. */
  readonly expireAfter?: Duration;
}

/** Whose request it is. */
export interface AuthorizationOptions {
  /** The `Authorization` header that is sent; none when left out. Only its digest is kept. */
  readonly authorization?: string | undefined;
}

/** What is to be unlocked. */
export interface UnlockOptions extends AuthorizationOptions {
  /** Any request of the webhook. */
  readonly route?: CompiledRoute | undefined;
}

/** How a request asks the manager for its permit. */
export interface ManagerAcquireOptions extends AcquireOptions, AuthorizationOptions {}

/** Why the routes of a hash are taken to count apart or together. */
const REASONS = {
  split: 'its answer was the first of a window although another route had used the bucket',
  join: 'it was refused although its own count had requests left',
} as const;

/** The longest that a step of the background garbage collection holds the event loop, in ms. */
const GC_STEP: Duration = 2;
/** How many buckets are looked at between two readings of the clock. */
const GC_BATCH = 256;
/** How many idle routes, and how many idle authentications, are remembered for what they have learned. */
const REMEMBERED_ROUTES = 10_000;
const REMEMBERED_AUTHENTICATIONS = 1_000;

/**
 * Keeps every request under the limits: maps route → hash → bucket for each authentication, learns both from answers,
 * and takes away what has become stale.
 */
export class RESTBucketManager extends ManagerEmitter implements Disposable {
  readonly clock: Clock;
  readonly maxRateLimit: Duration;
  readonly globalLimit: number;
  /** What counts the invalid requests of this manager, and of all that share it. */
  readonly invalidRequests: InvalidRequestGuard;
  /** The bucket hash of each route, as answers told. */
  readonly routesToHashes = new RoutesToHashes(() => this.#authentications.values());
  /** The buckets by name. */
  readonly realHashesToBuckets = new RealHashesToBuckets(() => this.#authentications.values());
  readonly #host: AuthenticationHost;
  readonly #authentications = new Map<string, Authentication>();
  readonly #locks = new CredentialLocks();
  readonly #webhookLockDuration: Duration;
  readonly #wallTime: WallTime;
  readonly #guarded = { onHeld: () => this.#onHeld() };
  /** The authentication asked for last, so that a bot's every request need not be digested. */
  #latest: { readonly authorization: string | undefined; readonly authentication: Authentication } | undefined;
  #sequence = 0;
  #departures = 0;
  #gcTimer: Timer | undefined;
  #isClosed = false;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. */
  constructor(options: ManagerOptions = {}) {
    super();
    checkManagerOptions(options);
    this.clock = steady(options.clock ?? systemClock);
    this.maxRateLimit = options.maxRateLimit ?? DEFAULT_MAX_RATE_LIMIT;
    this.globalLimit = options.globalLimit ?? 50;
    this.#webhookLockDuration = options.webhookLockDuration ?? 600_000;
    this.#wallTime = options.wallTime ?? systemWallTime;
    this.invalidRequests = guardOf(options, this.clock);
    this.invalidRequests.attach(this.#guarded);
    if (options.coordinator) this.invalidRequests.shareThrough(options.coordinator);
    this.#host = this.#createHost(options);
  }

  /** Whether the garbage collector runs in the background. */
  get isStarted(): boolean {
    return this.#gcTimer !== undefined;
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
    this.#scheduleGC(pollPeriod, expireAfter);
  }

  /** Stops the garbage collector, and rejects all that waits and all that comes with {@link LimiterClosedError}. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gcTimer?.cancel();
    this.#gcTimer = undefined;
    for (const authentication of this.#authentications.values()) authentication.close();
    this.#authentications.clear();
    this.#latest = undefined;
    this.invalidRequests.detach(this.#guarded);
    // What was reckoned as under way here may have held up others.
    this.invalidRequests.serve();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Waits for the right to send a request; hold the permit from then until the answer.
   *
   * @throws RateLimitTooLongError at once when a limit lasts longer than `maxRateLimit`; QueueFullError at once when
   * `maxQueueSize` requests wait in the bucket; AuthorizationLockedError and WebhookLockedError after an answer that
   * the authorization or the webhook is of no use (see {@link unlock}); InvalidRequestLimitError if that was chosen;
   * LimiterClosedError; the signal's own reason. The first five may also come while the request waits.
   */
  acquire(route: CompiledRoute, options: ManagerAcquireOptions = {}): Promise<Permit> {
    if (this.#isClosed) return Promise.reject(new LimiterClosedError(String(route)));
    return this.#authentication(options.authorization).getBucket(route).request(route, options);
  }

  /**
   * The bucket that a request belongs to: unknown until an answer names it.
   *
   * @throws LimiterClosedError when the manager is closed.
   */
  getBucket(route: CompiledRoute, options: AuthorizationOptions = {}): RESTBucket {
    if (this.#isClosed) throw new LimiterClosedError(String(route));
    return this.#authentication(options.authorization).getBucket(route);
  }

  /**
   * Learns from the headers of an answer whose permit is not completed with them: maps the route to its hash, moves all
   * that waits there in order, and takes the oldest request of the route in flight as answered.
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
   * Allows requests with an authorization again that was answered with 401, or those to a webhook that was answered
   * with 404 (facts part 6).
   *
   * @returns Whether anything was locked.
   */
  unlock({ authorization, route }: UnlockOptions): boolean {
    const hadAuthorization = authorization !== undefined && this.#unlockAuthorization(digestOf(authorization));
    const hadWebhook = route !== undefined && this.#unlockWebhook(route);
    return hadAuthorization || hadWebhook;
  }

  /** Looks at every bucket at once and takes away those whose limit reset more than `expireAfter` ms ago. */
  doGCPass(expireAfter: Duration): GCPass {
    const steps = this.#gcSteps(expireAfter);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /**
   * All that was learned, as plain JSON without secrets, for {@link restore} in a later process. Take it when nothing is
   * sent any more, before {@link close}: what leaves later is not in it, and what is in flight is reckoned as lost.
   *
   * @throws LimiterClosedError when the manager is closed.
   */
  snapshot(): ManagerSnapshot {
    if (this.#isClosed) throw new LimiterClosedError();
    const now = this.clock.now();
    return writeSnapshot(this.#knowledge(now), now, this.#wallTime());
  }

  /**
   * Continues with what an earlier process learned, before anything else is asked of this manager: windows as far as
   * they were used, routes, holds and locks. Whatever ended meanwhile has ended.
   *
   * @param snapshot What {@link snapshot} returned, or what became of it as JSON.
   * @throws SnapshotError when it is no snapshot, of another version, or corrupt: then nothing is changed; Error when
   * the manager is in use, LimiterClosedError when it is closed.
   */
  restore(snapshot: unknown): void {
    if (this.#isClosed) throw new LimiterClosedError();
    if (this.#authentications.size > 0 || !this.#locks.isEmpty) {
      throw new Error('Cannot restore a manager that is in use: restore before the first request');
    }
    const known = readSnapshot(snapshot, this.clock.now(), this.#wallTime());
    this.invalidRequests.restore(known.guard);
    this.#locks.restore(known.locks, this.clock.now() + this.#webhookLockDuration);
    for (const each of known.authentications) this.#authenticationOf(each.digest).restore(each);
  }

  #knowledge(now: LocalInstant): ManagerKnowledge {
    return {
      guard: this.invalidRequests.knowledge,
      locks: this.#locks.knowledge(now),
      authentications: [...this.#authentications.values()].map((each) => each.knowledge(now, now + ABANDONED_GRACE)),
    };
  }

  #createHost(options: ManagerOptions): AuthenticationHost {
    const { clock, maxRateLimit, globalLimit } = this;
    const { maxQueueSize = Number.POSITIVE_INFINITY, concurrency = 'writes-in-order' } = options;
    return {
      clock,
      maxRateLimit,
      globalLimit,
      maxQueueSize,
      concurrency,
      nextSequence: () => this.#sequence++,
      departed: () => this.#departures,
      depart: () => this.#departures++,
      guard: this.invalidRequests,
      coordinator: options.coordinator,
      errorFor: (authentication, route) => this.#errorFor(authentication, route),
      onLockTold: (authentication, isLocked) => this.#onLockTold(authentication, isLocked),
      onWebhookTold: (majors, duration) => this.#onWebhookTold(majors, duration),
      onMembership: (authentication, state, reason) => this.#onMembership(authentication, state, reason),
      onRateLimited: (bucket, route, retryAfter) =>
        this.tell('rateLimited', () => ({
          route: String(route),
          bucket: bucket.name,
          retryAfter,
          limit: bucket.limit,
          remaining: bucket.remaining,
          resetAt: bucket.resetAt,
          queued: bucket.queueSize,
        })),
      onGlobalLimited: ({ digest }, retryAfter, isReactive) =>
        this.tell('globalLimited', () => ({ authentication: digest, retryAfter, isReactive })),
      onResolved: (bucket, route, hash) =>
        this.tell('bucketResolved', () => ({ route: String(route), bucket: bucket.name, hash })),
      onHashChanged: (route, from, to) => this.tell('hashChanged', () => ({ route, from, to })),
      onSharing: (route, hash, change) =>
        this.tell('sharingChanged', () => ({ hash, change, route: route.identity, reason: REASONS[change] })),
      onSubLimited: (bucket, route, { fields, count, period }, { retryAfter }) =>
        this.tell('subLimited', () => ({
          route: String(route),
          bucket: bucket.name,
          fields,
          count,
          period,
          retryAfter,
        })),
      onUnlimited: (route) => this.tell('routeUnlimited', () => ({ route })),
      onAnswer: (route, limits) => this.#onAnswer(route, limits),
      onAnswered: (authentication, route, limits) => this.#onAnswered(authentication, route, limits),
      onInvalid: (answer) => this.#onInvalid(answer),
      onLearned: (bucket, previous) => this.#onLearned(bucket, previous),
      onRefused: (bucket, route, refusal, now) => this.#onRefused(bucket, route, refusal, now),
    };
  }

  #onAnswer(route: CompiledRoute, { problems }: ResponseLimits): void {
    if (problems.length > 0) this.tell('malformedHeaders', () => ({ route: String(route), problems }));
  }

  #onLearned(bucket: RESTBucket, previous: RESTBucket['windowKind']): void {
    const { windowKind: kind } = bucket;
    if (kind !== previous) this.tell('windowKind', () => ({ bucket: bucket.name, kind, previous }));
  }

  #onRefused(bucket: RESTBucket, route: CompiledRoute, { kind, retryAfter }: Refusal, now: LocalInstant): void {
    this.tell('refused', () => ({ route: String(route), bucket: bucket.name, kind, retryAfter }));
    if (kind !== 'cloudflare') return;
    const until = now + retryAfter;
    this.invalidRequests.banAll(until);
    this.tell('cloudflareBanned', () => ({ route: String(route), retryAfter, until }));
  }

  #errorFor({ digest, membership }: Authentication, route: CompiledRoute): Error | undefined {
    const locked = this.#locks.isEmpty ? undefined : this.#locks.errorFor(digest, route, this.clock.now());
    if (locked === undefined && membership?.rejects) return new CoordinatorUnavailableError(String(route));
    return locked ?? this.invalidRequests.errorFor(route);
  }

  #onMembership(authentication: Authentication, state: LeaseState, reason: string): void {
    const { digest, membership } = authentication;
    if (state === 'shared') this.tell('coordinatorJoined', () => ({ authentication: digest }));
    else if (state === 'local') this.tell('coordinatorLost', () => ({ authentication: digest, reason }));
    if (membership?.rejects) authentication.rejectWaiting();
  }

  /** Another process locked or unlocked an authorization. */
  #onLockTold(authentication: Authentication, isLocked: boolean): void {
    const { digest } = authentication;
    if (!isLocked) this.#locks.unlockAuthorization(digest);
    else if (this.#locks.lockAuthorization(digest)) authentication.rejectWaiting();
  }

  /** Another process locked a webhook for so long, or unlocked it. */
  #onWebhookTold(majors: string, duration: Duration): void {
    const now = this.clock.now();
    if (duration === 0) this.#locks.unlockWebhook(majors, now);
    else if (this.#locks.lockWebhook(majors, now + duration, now)) this.#rejectWebhook(majors);
  }

  #rejectWebhook(majors: string): void {
    for (const authentication of this.#authentications.values()) {
      for (const buckets of authentication.bucketSets()) {
        buckets.get(majors)?.rejectWaiting((waiting) => this.#errorFor(authentication, waiting));
      }
    }
  }

  #onAnswered(authentication: Authentication, route: CompiledRoute, limits: ResponseLimits): void {
    const useless = uselessCredential(route, limits, authentication.hasAuthorization);
    if (useless === 'authorization') this.#lockAuthorization(authentication, route);
    else if (useless === 'webhook') this.#lockWebhook(authentication, route);
  }

  #lockAuthorization(authentication: Authentication, route: CompiledRoute): void {
    const { digest } = authentication;
    if (!this.#locks.lockAuthorization(digest)) return;
    this.tell('authorizationLocked', () => ({ authentication: digest, route: String(route) }));
    authentication.membership?.tell((untold) => untold.lock(true));
    authentication.rejectWaiting();
  }

  #lockWebhook(authentication: Authentication, route: CompiledRoute): void {
    const { majorParamHash: majors } = route;
    const now = this.clock.now();
    const retryAfter = this.#webhookLockDuration;
    const until = now + retryAfter;
    if (!this.#locks.lockWebhook(majors, until, now)) return;
    this.tell('webhookLocked', () => ({ route: String(route), retryAfter, until }));
    authentication.membership?.tell((untold) => untold.webhook(majors, retryAfter));
    this.#rejectWebhook(majors);
  }

  #unlockAuthorization(digest: string): boolean {
    const wasLocked = this.#locks.unlockAuthorization(digest);
    if (wasLocked) this.tell('unlocked', () => ({ authentication: digest }));
    if (wasLocked) this.#authentications.get(digest)?.membership?.tell((untold) => untold.lock(false));
    return wasLocked;
  }

  #unlockWebhook(route: CompiledRoute): boolean {
    const { majorParamHash: majors } = route;
    const wasLocked = this.#locks.unlockWebhook(majors, this.clock.now());
    if (wasLocked) this.tell('unlocked', () => ({ route: String(route) }));
    if (wasLocked)
      for (const each of this.#authentications.values()) each.membership?.tell((untold) => untold.webhook(majors, 0));
    return wasLocked;
  }

  #onInvalid({ count, crossed, isLast }: InvalidAnswer): void {
    const { limit } = this.invalidRequests;
    for (const percent of crossed) this.tell('invalidRequests', () => ({ count, limit, percent }));
    if (!isLast) return;
    const now = this.clock.now();
    const retryAfter = this.invalidRequests.heldFor(now);
    this.tell('invalidRequestsHeld', () => ({ count, limit, retryAfter, until: now + retryAfter }));
  }

  /** Whoever waits already and is not to wait for so long is rejected, wherever he stands. */
  #onHeld(): void {
    const { onLimit } = this.invalidRequests;
    if (onLimit === 'hold' && this.invalidRequests.heldFor(this.clock.now()) <= this.maxRateLimit) return;
    for (const authentication of this.#authentications.values()) authentication.drain();
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

  #scheduleGC(pollPeriod: Duration, expireAfter: Duration): void {
    const collect = (steps: Generator<void, GCPass>) => {
      const end = this.clock.now() + GC_STEP;
      let step = steps.next();
      while (!step.done && this.clock.now() < end) step = steps.next();
      if (step.done) this.#scheduleGC(pollPeriod, expireAfter);
      else this.#setGCTimer(0, () => collect(steps));
    };
    this.#setGCTimer(pollPeriod, () => collect(this.#gcSteps(expireAfter)));
  }

  #setGCTimer(delay: Duration, callback: () => void): void {
    // Collecting garbage is no reason for a process to stay.
    this.#gcTimer = this.clock.setTimer(this.clock.now() + delay, callback, { keepsProcessAlive: false });
  }

  /** One pass, in steps between which other work may be done. */
  *#gcSteps(expireAfter: Duration): Generator<void, GCPass> {
    const pass = { active: 0, survival: 0, dead: 0 };
    let looked = 0;
    for (const authentication of this.#authentications.values()) {
      for (const buckets of authentication.bucketSets()) {
        for (const [majorParamHash, bucket] of buckets) {
          const state = bucket.gcState(expireAfter, this.clock.now());
          pass[state]++;
          if (state === 'dead') {
            buckets.delete(majorParamHash);
            this.tell('bucketCollected', () => ({ bucket: bucket.name }));
          }
          if (++looked % GC_BATCH === 0) yield;
        }
      }
      yield* inBatches(authentication.collectRestored(expireAfter, this.clock.now()));
      authentication.forgetRoutes(REMEMBERED_ROUTES);
    }
    this.#forgetAuthentications();
    this.#locks.expire(this.clock.now());
    this.tell('gcPass', () => pass);
    return pass;
  }

  #forgetAuthentications(): void {
    if (this.#authentications.size <= REMEMBERED_AUTHENTICATIONS) return;
    const now = this.clock.now();
    for (const [digest, authentication] of this.#authentications) {
      if (!authentication.isIdle(now)) continue;
      this.#authentications.delete(digest);
      if (this.#latest?.authentication === authentication) this.#latest = undefined;
    }
  }
}

/** Stops after every so many of many small steps. */
function* inBatches(steps: Iterable<void>): Generator<void> {
  let looked = 0;
  for (const _ of steps) if (++looked % GC_BATCH === 0) yield;
}

/** The guard that was given, or a new one. */
function guardOf({ invalidRequests }: ManagerOptions, clock: Clock): InvalidRequestGuard {
  if (!(invalidRequests instanceof InvalidRequestGuard)) return new InvalidRequestGuard({ ...invalidRequests, clock });
  if (invalidRequests.clock === clock) return invalidRequests;
  throw new TypeError('invalidRequests must be a guard with the same clock as the manager');
}
