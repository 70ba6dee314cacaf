import { createHash } from 'node:crypto';
import type { BucketHost } from '../buckets/bucket-host.js';
import { BucketSet, type SetOwner } from '../buckets/bucket-set.js';
import type { HeldPermit } from '../buckets/permit.js';
import type { RequestDescription } from '../buckets/queued-request.js';
import { type AnsweredRequest, RESTBucket } from '../buckets/rest-bucket.js';
import { pairOf, partnerOf } from '../buckets/route-pairs.js';
import type { Coordinator } from '../coordination/coordinator.js';
import type { Outbox } from '../coordination/outbox.js';
import { type LeaseState, SharedLimits } from '../coordination/shared-limits.js';
import { GlobalGate } from '../gates/global-gate.js';
import type { InvalidRequestGuard } from '../gates/invalid-request-guard.js';
import type { CompiledRoute } from '../routes/route.js';
import { HASH_SEPARATOR } from '../routes/route.js';
import { BucketState } from '../rules/bucket-state.js';
import { Grouping, type GroupingKnowledge } from '../rules/grouping.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { AuthenticationKnowledge, KeptBucket, RouteKnowledge } from '../rules/knowledge.js';
import { RecentRequests } from '../rules/recent-requests.js';
import type { Refusal } from '../rules/refusal.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { RestoredBuckets, type SetKey } from './snapshot/restored-buckets.js';

/** What is known of a route: its bucket hash, and where its buckets are. */
interface RouteRecord {
  readonly identity: string;
  /** `undefined` until an answer names it. */
  hash: string | undefined;
  /** Whether its answers carry no rate-limit headers. */
  isUnlimited: boolean;
  /** Shared by all routes of one hash; and before that, by a pair of routes. */
  buckets: BucketSet;
}

/** What an authentication asks of its manager. */
export interface AuthenticationHost
  extends Omit<BucketHost, 'errorFor' | 'gate' | 'membership' | 'getBucket' | 'isExempt' | 'learn'> {
  readonly globalLimit: number;
  readonly guard: InvalidRequestGuard;
  /** `undefined`: the limits are this process' own. */
  readonly coordinator: Coordinator | undefined;
  /** Other processes locked or unlocked an authorization, or a webhook for so long (0: unlocked). */
  onLockTold(authentication: Authentication, isLocked: boolean): void;
  onWebhookTold(majors: string, duration: Duration): void;
  onMembership(authentication: Authentication, state: LeaseState, reason: string): void;
  errorFor(authentication: Authentication, route: CompiledRoute): Error | undefined;
  onGlobalLimited(authentication: Authentication, retryAfter: Duration, isReactive: boolean): void;
  onResolved(bucket: RESTBucket, route: CompiledRoute, hash: string): void;
  onHashChanged(identity: string, from: string, to: string): void;
  onSharing(route: CompiledRoute, hash: string, change: 'split' | 'join'): void;
  onSubLimited(bucket: RESTBucket, route: CompiledRoute, limit: SubLimit, refusal: Refusal): void;
  onUnlimited(identity: string): void;
  onAnswer(route: CompiledRoute, limits: ResponseLimits): void;
  /** Called when all about limits is learned from the answer to a request that was sent. */
  onAnswered(authentication: Authentication, route: CompiledRoute, limits: ResponseLimits): void;
  onInvalid(answer: InvalidAnswer): void;
  onLearned(bucket: RESTBucket, previousKind: RESTBucket['windowKind']): void;
  onRefused(bucket: RESTBucket, route: CompiledRoute, refusal: Refusal, now: LocalInstant): void;
}

const NOBODY: readonly RESTBucket[] = [];

/** Stands for the authentication of requests that carry no authorization. */
const NO_AUTHORIZATION = 'none';

/** Digest of an authorization, the only form in which it is kept. */
export function digestOf(authorization: string | undefined): string {
  return authorization === undefined
    ? NO_AUTHORIZATION
    : createHash('sha256').update(authorization).digest('hex').slice(0, 32);
}

/** Whether a text can be what {@link digestOf} returns. */
export function isDigest(text: string): boolean {
  return text === NO_AUTHORIZATION || /^[0-9a-f]{32}$/.test(text);
}

/**
 * All that is counted for one authentication (facts part 2): its global limit, which hash its routes have, and its
 * buckets. Route → hash → bucket is two look-ups: by the route's identity, then by the major parameters.
 */
export class Authentication implements SetOwner {
  /** Stands for the authorization wherever it has to be named. */
  readonly digest: string;
  readonly gate: GlobalGate;
  readonly membership: SharedLimits | undefined;
  readonly #host: AuthenticationHost;
  readonly #routes = new Map<string, RouteRecord>();
  /** Buckets by hash; by hash and route where the routes of a hash count apart. */
  readonly #known = new Map<string, BucketSet>();
  /** For each hash with more than one route: whether these count together. */
  readonly #sharing = new Map<string, Grouping>();
  readonly #recent = new RecentRequests();
  /** Buckets without a hash, by the pair of their routes. */
  readonly #unknown = new Map<string, BucketSet>();
  readonly #restored = new RestoredBuckets();

  constructor(digest: string, host: AuthenticationHost) {
    this.digest = digest;
    this.#host = host;
    this.gate = new GlobalGate({
      clock: host.clock,
      limit: host.globalLimit,
      guard: host.guard,
      onLimited: (retryAfter, isReactive) => host.onGlobalLimited(this, retryAfter, isReactive),
      onInvalid: (answer) => host.onInvalid(answer),
      onShort: host.coordinator && (() => this.membership?.wantSlots()),
      onLeft: host.coordinator && (() => this.membership?.spareSlots()),
    });
    this.membership = host.coordinator && this.#share(digest, host.coordinator);
  }

  get clock() {
    return this.#host.clock;
  }

  get maxRateLimit() {
    return this.#host.maxRateLimit;
  }

  get maxQueueSize() {
    return this.#host.maxQueueSize;
  }

  get concurrency() {
    return this.#host.concurrency;
  }

  /** The hash of every route that has one, by the route's identity. */
  *hashes(): Generator<[identity: string, hash: string]> {
    for (const { identity, hash } of this.#routes.values()) if (hash !== undefined) yield [identity, hash];
  }

  /** The hash of a route, by its identity. */
  hashOf(identity: string): string | undefined {
    return this.#routes.get(identity)?.hash;
  }

  /** Every set of buckets: one per hash, one per pair of routes that has none, one per route without limits. */
  *bucketSets(): Generator<BucketSet> {
    yield* this.#known.values();
    yield* this.#unknown.values();
    for (const { isUnlimited, buckets } of this.#routes.values()) if (isUnlimited) yield buckets;
  }

  /** Interactions are, unless they carry an authorization: then they count as its owner's (facts part 5, #4142). */
  isExempt(route: CompiledRoute): boolean {
    return route.isInteraction && !this.hasAuthorization;
  }

  /** Whether its requests carry an authorization. */
  get hasAuthorization(): boolean {
    return this.digest !== NO_AUTHORIZATION;
  }

  errorFor(route: CompiledRoute): Error | undefined {
    return this.#host.errorFor(this, route);
  }

  nextSequence(): number {
    return this.#host.nextSequence();
  }

  departed(): number {
    return this.#host.departed();
  }

  depart(): number {
    return this.#host.depart();
  }

  onRateLimited(bucket: RESTBucket, route: CompiledRoute, wait: Duration): void {
    this.#host.onRateLimited(bucket, route, wait);
  }

  getBucket(route: CompiledRoute): RESTBucket {
    return this.#bucketIn(this.#record(route), route);
  }

  learn(permit: HeldPermit, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): RESTBucket {
    const { route } = permit.description;
    this.#host.onAnswer(route, limits);
    const { known } = limits;
    const isInPlace = known !== undefined && permit.bucket.home.hash === known.bucket;
    const moved = isInPlace ? NOBODY : this.#learnRoute(route, limits);
    const counted = isInPlace || known === undefined ? permit.bucket : this.getBucket(route);
    const split = this.#learnWindow(counted, permit, limits, now);
    const bucket = split === NOBODY ? counted : this.getBucket(route);
    const joined = refusal ? this.#refuse(bucket, permit, refusal, now) : NOBODY;
    if (refusal === undefined && wasAdmitted(limits)) this.#remember(permit, now);
    this.#host.onAnswered(this, route, limits);
    drainAll(moved, split, joined);
    return bucket;
  }

  /** Learns from headers that came without a permit, or before their permit ends. */
  update(route: CompiledRoute, limits: ResponseLimits, now: LocalInstant): void {
    this.#host.onAnswer(route, limits);
    const { sentAt = now, departure = this.departed() } = this.getBucket(route).answerOldest(route.identity) ?? {};
    const moved = this.#learnRoute(route, limits);
    const answered = { description: { route }, sentAt, departure, isAnswered: true, grant: undefined };
    const split = this.#learnWindow(this.getBucket(route), answered, limits, now);
    drainAll(moved, split, [this.getBucket(route)]);
  }

  /** Holds all requests for so long, in all processes, and rejects at once those for which that is too long. */
  throttle(duration: Duration, now: LocalInstant): void {
    this.membership?.tell((untold) => untold.throttle(duration));
    this.#throttleUntil(now + duration);
  }

  /** Asks all that waits again, wherever it stands. */
  drain(): void {
    for (const buckets of this.bucketSets()) {
      for (const bucket of buckets.values()) if (!bucket.isEmpty) bucket.drain();
    }
  }

  /** Rejects all that waits and for which there is an error. */
  rejectWaiting(): void {
    for (const buckets of this.bucketSets()) {
      for (const bucket of buckets.values()) bucket.rejectWaiting((route) => this.errorFor(route));
    }
  }

  /** Forgets routes that have no bucket at present, when there are more than `limit` of them. */
  forgetRoutes(limit: number): void {
    if (this.#routes.size <= limit) return;
    for (const [pair, buckets] of this.#unknown) if (buckets.size === 0) this.#unknown.delete(pair);
    for (const [identity, { buckets }] of this.#routes) if (buckets.size === 0) this.#routes.delete(identity);
    for (const [hash, buckets] of this.#known) if (buckets.size === 0) this.#known.delete(hash);
  }

  /** Whether nothing here matters any more at `now`, save what was learned. */
  isIdle(now: LocalInstant): boolean {
    for (const buckets of this.bucketSets()) if (buckets.size > 0) return false;
    return this.#restored.isEmpty && this.gate.isIdle(now);
  }

  /** What outlives the process: those in flight were counted by `lostAt`, or never will be. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): AuthenticationKnowledge {
    return {
      digest: this.digest,
      gate: this.gate.knowledge(now, lostAt),
      sharing: [...this.#sharing].map(([hash, sharing]) => ({ hash, ...sharing.knowledge })),
      routes: [...this.#routes.values()].filter(({ hash, isUnlimited }) => hash !== undefined || isUnlimited),
      buckets: [...this.#keptBuckets(now, lostAt)],
    };
  }

  /** Continues with what was known before a restart, as long as nothing else is known. */
  restore({ gate, sharing, routes, buckets }: AuthenticationKnowledge): void {
    this.gate.restore(gate);
    for (const { hash, ...known } of sharing) this.#sharing.set(hash, Grouping.from(known));
    for (const route of routes) this.#restoreRoute(route);
    for (const bucket of buckets) this.#restored.add(bucket, bucket.majors, BucketState.from(bucket.state));
  }

  /** Forgets what was restored long enough ago and never asked for; a step each. */
  collectRestored(expireAfter: Duration, now: LocalInstant): Generator<void> {
    return this.#restored.collect(expireAfter, now);
  }

  close(): void {
    this.membership?.close();
    this.gate.close();
    for (const buckets of this.bucketSets()) for (const bucket of buckets.values()) bucket.close();
    this.#known.clear();
    this.#sharing.clear();
    this.#unknown.clear();
    this.#routes.clear();
  }

  #share(digest: string, coordinator: Coordinator): SharedLimits {
    return new SharedLimits(digest, coordinator, {
      clock: this.clock,
      gate: this.gate,
      bucketsInUse: () => this.#bucketsInUse(),
      drain: () => this.drain(),
      retell: (untold) => this.#retell(untold),
      onState: (state, reason) => this.#host.onMembership(this, state, reason),
      onRoute: (identity, hash) => this.#onRouteTold(identity, hash),
      onSharing: (hash, isSplit, joins) => this.#onSharingTold(hash, { isSplit, joins }),
      onThrottled: (duration) => this.#throttleUntil(this.clock.now() + duration),
      onLock: (isLocked) => this.#host.onLockTold(this, isLocked),
      onWebhook: (majors, duration) => this.#host.onWebhookTold(majors, duration),
    });
  }

  *#bucketsInUse(): Generator<RESTBucket> {
    for (const buckets of this.bucketSets()) {
      for (const bucket of buckets.values()) if (bucket.inFlight > 0) yield bucket;
    }
  }

  /** The store has forgotten everything: it is told what is known here. */
  #retell(untold: Outbox): void {
    for (const { identity, hash, isUnlimited } of this.#routes.values()) {
      if (hash !== undefined || isUnlimited) untold.route(identity, hash ?? '');
    }
    for (const [hash, { knowledge }] of this.#sharing) untold.sharing(hash, knowledge.isSplit, knowledge.joins);
  }

  /** Another process learned which bucket hash a route has, or that it has none. */
  #onRouteTold(identity: string, hash: string): void {
    const record = this.#recordOf(identity);
    drainAll(hash === '' ? this.#learnUnlimited(record) : this.#learnHash(record, hash));
  }

  /** Another process found that the routes of a hash count apart, or together. */
  #onSharingTold(hash: string, known: GroupingKnowledge): void {
    const wasSplit = this.#isSplit(hash);
    this.#sharing.set(hash, Grouping.from(known));
    if (wasSplit !== known.isSplit) drainAll(this.#moveRoutes(hash, known.isSplit ? 'split' : 'join'));
  }

  #throttleUntil(until: LocalInstant): void {
    this.gate.throttle(until);
    if (this.gate.heldFor(false, this.clock.now()) > this.maxRateLimit) this.drain();
  }

  #record({ identity }: CompiledRoute): RouteRecord {
    return this.#recordOf(identity);
  }

  #recordOf(identity: string): RouteRecord {
    const found = this.#routes.get(identity);
    if (found) return found;
    const hash = this.#partnerOf(identity)?.hash;
    const buckets = hash === undefined ? this.#unknownOf(pairOf(identity)) : this.#bucketsOf(identity, hash);
    const record = { identity, hash, isUnlimited: false, buckets };
    this.#routes.set(identity, record);
    return record;
  }

  #partnerOf(identity: string): RouteRecord | undefined {
    const partner = partnerOf(identity);
    return partner === undefined ? undefined : this.#routes.get(partner);
  }

  #bucketIn(record: RouteRecord, route: CompiledRoute): RESTBucket {
    return record.buckets.get(route.majorParamHash) ?? this.#createBucket(record, route);
  }

  #createBucket(record: RouteRecord, route: CompiledRoute): RESTBucket {
    const { buckets, hash, isUnlimited } = record;
    const bucket = new RESTBucket({ name: '', route }, buckets);
    bucket.countsApart = hash !== undefined && this.#isSplit(hash);
    if (isUnlimited) bucket.setUnlimited();
    this.#recall(record, bucket);
    buckets.set(bucket.majors, bucket);
    return bucket;
  }

  *#keptBuckets(now: LocalInstant, lostAt: LocalInstant): Generator<KeptBucket> {
    for (const buckets of this.bucketSets()) {
      for (const [majors, bucket] of buckets) {
        const state = bucket.knowledge(now, lostAt);
        if (state.window || state.subLimits.length > 0 || state.heldUntil > now) {
          yield { ...buckets.key, majors, state };
        }
      }
    }
    for (const [key, majors, state] of this.#restored) {
      yield { ...key, majors, state: state.bucketKnowledge(0, now, lostAt) };
    }
  }

  #restoreRoute({ identity, hash, isUnlimited }: RouteKnowledge): void {
    const buckets =
      hash === undefined
        ? new BucketSet(this, { hash: undefined, route: identity }, identity)
        : this.#bucketsOf(identity, hash);
    this.#routes.set(identity, { identity, hash, isUnlimited, buckets });
  }

  /** A bucket that is used for the first time since a restart continues with what was known of it. */
  #recall({ buckets }: RouteRecord, bucket: RESTBucket): void {
    if (this.#restored.isEmpty) return;
    const before = this.#restored.take(buckets.key, bucket.majors);
    if (before) bucket.continueFrom(before);
  }

  /** Maps the route as the answer tells; returns the other buckets that may have something to send now. */
  #learnRoute(route: CompiledRoute, limits: ResponseLimits): readonly RESTBucket[] {
    const record = this.#record(route);
    if (limits.known === undefined && !tellsNoLimits(limits)) return NOBODY;
    const moved = limits.known ? this.#learnHash(record, limits.known.bucket) : this.#learnUnlimited(record);
    const { identity, hash = '' } = record;
    if (moved !== NOBODY) this.membership?.tell((untold) => untold.route(identity, hash));
    return moved;
  }

  #learnUnlimited(record: RouteRecord): readonly RESTBucket[] {
    const { identity, hash, isUnlimited } = record;
    if (hash !== undefined || isUnlimited) return NOBODY;
    record.isUnlimited = true;
    this.#host.onUnlimited(identity);
    return this.#moveRoute(record, new BucketSet(this, { hash: undefined, route: identity }, identity));
  }

  #learnHash(record: RouteRecord, hash: string): readonly RESTBucket[] {
    const { identity, hash: previous } = record;
    if (previous === hash) return NOBODY;
    record.hash = hash;
    record.isUnlimited = false;
    if (previous !== undefined) this.#host.onHashChanged(identity, previous, hash);
    const moved = this.#moveRoute(record, this.#bucketsOf(record.identity, hash));
    const partner = this.#partnerOf(record.identity);
    if (partner === undefined || partner.hash !== undefined || partner.isUnlimited) return moved;
    partner.hash = hash;
    return [...moved, ...this.#moveRoute(partner, this.#bucketsOf(partner.identity, hash))];
  }

  /** Where the buckets of a route with this hash are. */
  #bucketsOf(identity: string, hash: string): BucketSet {
    if (!this.#isSplit(hash)) return this.#setOf(this.#known, hash, { hash, route: undefined }, identity);
    return this.#setOf(this.#known, hash + HASH_SEPARATOR + identity, { hash, route: identity }, identity);
  }

  /** Where the buckets of a pair of routes without a hash are. */
  #unknownOf(pair: string): BucketSet {
    return this.#setOf(this.#unknown, pair, { hash: undefined, route: pair }, pair);
  }

  #setOf(sets: Map<string, BucketSet>, name: string, key: SetKey, identity: string): BucketSet {
    const found = sets.get(name);
    if (found) return found;
    const set = new BucketSet(this, key, identity);
    sets.set(name, set);
    return set;
  }

  #isSplit(hash: string): boolean {
    return this.#sharing.get(hash)?.isSplit === true;
  }

  /**
   * Learns what an answer tells of a window, and whether its route counts together with the others of its hash; returns
   * the buckets that may have something to send now.
   */
  #learnWindow(
    bucket: RESTBucket,
    answered: AnsweredRequest,
    limits: ResponseLimits,
    now: LocalInstant,
  ): readonly RESTBucket[] {
    const { route } = answered.description;
    const { windowKind: previousKind, period } = bucket;
    const isSeparate = bucket.learn(answered, limits, now) === 'separate';
    const concerned = limits.known && isSeparate ? this.#regroup(limits.known.bucket, route, 'split') : NOBODY;
    const own = isSeparate ? this.getBucket(route) : bucket;
    if (isSeparate) own.learn(answered, limits, now);
    own.tellAnswer(answered, limits, period, now);
    this.#host.onLearned(own, previousKind);
    return concerned;
  }

  /** Shares the buckets of a hash out to its routes, or puts them together again. */
  #regroup(hash: string, route: CompiledRoute, change: 'split' | 'join'): readonly RESTBucket[] {
    const sharing = this.#sharing.get(hash) ?? new Grouping();
    this.#sharing.set(hash, sharing);
    if (!sharing[change]()) return NOBODY;
    this.#host.onSharing(route, hash, change);
    const { isSplit, joins } = sharing.knowledge;
    this.membership?.tell((untold) => untold.sharing(hash, isSplit, joins));
    return this.#moveRoutes(hash, change);
  }

  #moveRoutes(hash: string, change: 'split' | 'join'): readonly RESTBucket[] {
    this.#restored[change](hash);
    const concerned: RESTBucket[] = [];
    for (const record of this.#routes.values()) {
      if (record.hash !== hash) continue;
      const { buckets } = record;
      const moved = this.#moveRoute(record, this.#bucketsOf(record.identity, hash));
      this.#handOver(record, buckets, change);
      concerned.push(...moved);
    }
    return concerned;
  }

  /** What is known of a route's windows goes with it. */
  #handOver(record: RouteRecord, previous: BucketSet, change: 'split' | 'join'): void {
    for (const [majorParamHash, from] of previous) {
      const to = record.buckets.get(majorParamHash);
      if (to === undefined || to === from) continue;
      if (change === 'split') to.adopt(from, record.identity);
      // Of several windows that turn out to be one, the one that is over last is the safe one.
      else if (to.resetAt <= from.resetAt) to.adoptAll(from, record.identity);
    }
  }

  #remember({ description, sentAt }: HeldPermit, receivedAt: LocalInstant): void {
    const { route, fields } = description;
    this.#recent.add(route.identity, route.majorParamHash, fields, sentAt, receivedAt);
  }

  /** Moves a route, with all that waits or is in flight on it, to other buckets; returns those concerned. */
  #moveRoute(record: RouteRecord, buckets: BucketSet): readonly RESTBucket[] {
    const previous = record.buckets;
    record.buckets = buckets;
    const concerned: RESTBucket[] = [];
    for (const [majors, bucket] of previous) {
      // A bucket that is this route's alone becomes the other one; what several routes use is shared out.
      const isOwn = bucket.isUnknown && !bucket.isUsedBeside(record.identity);
      if (!isOwn && !bucket.isUsedBy(record.identity)) continue;
      if (isOwn) previous.delete(majors);
      if (isOwn && !buckets.has(majors)) this.#settle(record, bucket);
      else concerned.push(this.#join(record, bucket));
      concerned.push(bucket);
    }
    return concerned;
  }

  /** An unknown bucket becomes the one of its route. */
  #settle(record: RouteRecord, bucket: RESTBucket): void {
    const { hash, buckets, isUnlimited } = record;
    buckets.set(bucket.majors, bucket);
    bucket.moveTo(buckets);
    bucket.countsApart = hash !== undefined && this.#isSplit(hash);
    if (isUnlimited) bucket.setUnlimited();
    this.#recall(record, bucket);
    if (hash !== undefined) this.#host.onResolved(bucket, bucket.routeOf(record.identity), hash);
  }

  /** The requests of a route leave one bucket for the one where they belong. */
  #join(record: RouteRecord, from: RESTBucket): RESTBucket {
    const { identity, hash } = record;
    const route = from.routeOf(identity);
    const target = this.#bucketIn(record, route);
    target.absorb(from, identity);
    if (from.isUnknown && hash !== undefined) this.#host.onResolved(target, route, hash);
    return target;
  }

  /** Holds what a refusal concerns; returns the buckets that may have something to send now. */
  #refuse(
    bucket: RESTBucket,
    { description, departure, grant }: HeldPermit,
    refusal: Refusal,
    now: LocalInstant,
  ): readonly RESTBucket[] {
    const { route } = description;
    const { kind } = refusal;
    this.#host.onRefused(bucket, route, refusal, now);
    if (kind === 'global') this.throttle(refusal.retryAfter, now);
    // A route whose answers never showed a limit has one that no header shows.
    const isUnseen = kind === 'hidden' || (kind === 'bucket' && bucket.isUnlimited);
    if (kind === 'sub-limit' || isUnseen) this.#learnHidden(bucket, description, refusal);
    // A sub-limit concerns some requests only; they wait beside the queue.
    if (kind === 'bucket' || kind === 'shared' || kind === 'hidden') bucket.holdAll(refusal.retryAfter, now);
    const hash = this.#routes.get(route.identity)?.hash;
    const wasInformed = bucket.wasInformed(departure) || grant?.isInformed === true;
    if (kind !== 'bucket' || hash === undefined || !wasInformed) return NOBODY;
    const concerned = this.#regroup(hash, route, 'join');
    this.getBucket(route).holdAll(refusal.retryAfter, now);
    return concerned;
  }

  #learnHidden(bucket: RESTBucket, description: RequestDescription, refusal: Refusal): void {
    const { route, fields } = description;
    if (refusal.kind === 'sub-limit' && fields.length === 0) return;
    const admitted = this.#recent.of(route.identity, route.majorParamHash);
    this.#host.onSubLimited(bucket, route, bucket.learnHidden(description, refusal, admitted), refusal);
  }
}

function drainAll(...groups: readonly (readonly RESTBucket[])[]): void {
  for (const buckets of groups) for (const bucket of buckets) bucket.drain();
}

/** Whether the limits that no header shows have counted a request. */
function wasAdmitted({ status }: ResponseLimits): boolean {
  return status === undefined || status < 500;
}

/** Whether an answer shows that its route has no limits; a failed one may lack the headers for other reasons. */
function tellsNoLimits({ hasLimitHeaders, status }: ResponseLimits): boolean {
  return !hasLimitHeaders && (status === undefined || (status >= 200 && status < 400));
}
