import type { Clock, Timer } from '../clock/clock.js';
import { systemClock } from '../clock/system-clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { HeadersSource } from '../rules/header-source.js';
import { parseLimits, type RateLimitHeaders, type ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Authentication, type AuthenticationHost, digestOf } from './authentication.js';
import type { Concurrency } from './concurrency.js';
import { LimiterClosedError } from './errors.js';
import { ManagerEmitter } from './events.js';
import type { GCPass } from './gc-pass.js';
import { checkManagerOptions } from './manager-options.js';
import { RealHashesToBuckets, RoutesToHashes } from './manager-views.js';
import type { Permit } from './permit.js';
import type { AcquireOptions, RESTBucket } from './rest-bucket.js';
import { DEFAULT_MAX_RATE_LIMIT } from './solo-host.js';

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
  /** The source of time. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
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

/** How a request asks the manager for its permit. */
export interface ManagerAcquireOptions extends AcquireOptions, AuthorizationOptions {
  /** The request's JSON body, of which only the names of the fields are looked at. */
  readonly body?: unknown;
}

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
  /** The bucket hash of each route, as answers told. */
  readonly routesToHashes = new RoutesToHashes(() => this.#authentications.values());
  /** The buckets by name. */
  readonly realHashesToBuckets = new RealHashesToBuckets(() => this.#authentications.values());
  readonly #host: AuthenticationHost;
  readonly #authentications = new Map<string, Authentication>();
  /** The authentication asked for last, so that a bot's every request need not be digested. */
  #latest: { readonly authorization: string | undefined; readonly authentication: Authentication } | undefined;
  #sequence = 0;
  #bannedUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #gcTimer: Timer | undefined;
  #isClosed = false;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. */
  constructor(options: ManagerOptions = {}) {
    super();
    checkManagerOptions(options);
    this.clock = options.clock ?? systemClock;
    this.maxRateLimit = options.maxRateLimit ?? DEFAULT_MAX_RATE_LIMIT;
    this.globalLimit = options.globalLimit ?? 50;
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
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Waits for the right to send a request; hold the permit from then until the answer.
   *
   * @throws RateLimitTooLongError at once when a limit lasts longer than `maxRateLimit`; QueueFullError at once when
   * `maxQueueSize` requests wait in the bucket; LimiterClosedError; the signal's own reason.
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
    this.#authentication(options.authorization).gate.throttle(this.clock.now() + retryAfter);
  }

  /** Looks at every bucket at once and takes away those whose limit reset more than `expireAfter` ms ago. */
  doGCPass(expireAfter: Duration): GCPass {
    const steps = this.#gcSteps(expireAfter);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
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
      bannedUntil: () => this.#bannedUntil,
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
      onHashChanged: (route, from, to) => this.tell('hashChanged', () => ({ route: route.identity, from, to })),
      onUnlimited: (route) => this.tell('routeUnlimited', () => ({ route: route.identity })),
      onAnswer: (route, limits) => this.#onAnswer(route, limits),
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
    this.#bannedUntil = Math.max(this.#bannedUntil, until);
    this.tell('cloudflareBanned', () => ({ route: String(route), retryAfter, until }));
  }

  #authentication(authorization: string | undefined): Authentication {
    if (this.#latest !== undefined && this.#latest.authorization === authorization) return this.#latest.authentication;
    const digest = digestOf(authorization);
    let authentication = this.#authentications.get(digest);
    if (authentication === undefined) {
      authentication = new Authentication(digest, this.#host);
      this.#authentications.set(digest, authentication);
    }
    this.#latest = { authorization, authentication };
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
      authentication.forgetRoutes(REMEMBERED_ROUTES);
    }
    this.#forgetAuthentications();
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
