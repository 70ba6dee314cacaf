import { createHash } from 'node:crypto';
import type { CompiledRoute } from '../routes/route.js';
import { HASH_SEPARATOR, UNKNOWN_HASH } from '../routes/route.js';
import { BucketState } from '../rules/bucket-state.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import { RecentRequests } from '../rules/recent-requests.js';
import type { Refusal } from '../rules/refusal.js';
import { Sharing } from '../rules/sharing.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketHost } from './bucket-host.js';
import { GlobalGate } from './global-gate.js';
import type { InvalidRequestGuard } from './invalid-request-guard.js';
import type { AuthenticationKnowledge, KeptBucket, RouteKnowledge } from './knowledge.js';
import type { HeldPermit } from './permit.js';
import type { RequestDescription } from './queued-request.js';
import { type AnsweredRequest, RESTBucket } from './rest-bucket.js';
import { keyOf, RestoredBuckets, type SetKey } from './restored-buckets.js';

/** The buckets of one hash, or of one kind of route that has none yet, by the hash of their major parameters. */
export type Buckets = Map<string, RESTBucket>;

/** What is known of a route: its bucket hash, and where its buckets are. */
interface RouteRecord {
  readonly identity: string;
  /** `undefined` until an answer names it. */
  hash: string | undefined;
  /** Whether its answers carry no rate-limit headers. */
  isUnlimited: boolean;
  /** Shared by all routes of one hash; and before that, by a pair of routes. */
  buckets: Buckets;
}

/** What an authentication asks of its manager. */
export interface AuthenticationHost extends Omit<BucketHost, 'errorFor' | 'gate' | 'getBucket' | 'isExempt' | 'learn'> {
  readonly globalLimit: number;
  readonly guard: InvalidRequestGuard;
  errorFor(authentication: Authentication, route: CompiledRoute): Error | undefined;
  onGlobalLimited(authentication: Authentication, retryAfter: Duration, isReactive: boolean): void;
  onResolved(bucket: RESTBucket, route: CompiledRoute, hash: string): void;
  onHashChanged(route: CompiledRoute, from: string, to: string): void;
  onSharing(route: CompiledRoute, hash: string, change: 'split' | 'join'): void;
  onSubLimited(bucket: RESTBucket, route: CompiledRoute, limit: SubLimit, refusal: Refusal): void;
  onUnlimited(route: CompiledRoute): void;
  onAnswer(route: CompiledRoute, limits: ResponseLimits): void;
  /** Called when all about limits is learned from the answer to a request that was sent. */
  onAnswered(authentication: Authentication, route: CompiledRoute, limits: ResponseLimits): void;
  onInvalid(answer: InvalidAnswer): void;
  onLearned(bucket: RESTBucket, previousKind: RESTBucket['windowKind']): void;
  onRefused(bucket: RESTBucket, route: CompiledRoute, refusal: Refusal, now: LocalInstant): void;
}

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
export class Authentication implements BucketHost {
  /** Stands for the authorization wherever it has to be named. */
  readonly digest: string;
  readonly gate: GlobalGate;
  readonly #host: AuthenticationHost;
  readonly #routes = new Map<string, RouteRecord>();
  /** Buckets by hash; by hash and route where the routes of a hash count apart. */
  readonly #known = new Map<string, Buckets>();
  /** For each hash with more than one route: whether these count together. */
  readonly #sharing = new Map<string, Sharing>();
  readonly #recent = new RecentRequests();
  /** Buckets without a hash, by the pair of their routes. */
  readonly #unknown = new Map<string, Buckets>();
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
    });
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
  *bucketSets(): Generator<Buckets> {
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

  onRateLimited(bucket: RESTBucket, route: CompiledRoute, wait: Duration): void {
    this.#host.onRateLimited(bucket, route, wait);
  }

  getBucket(route: CompiledRoute): RESTBucket {
    const record = this.#record(route);
    return record.buckets.get(route.majorParamHash) ?? this.#createBucket(record, route);
  }

  learn(permit: HeldPermit, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): RESTBucket {
    const { route } = permit.description;
    this.#host.onAnswer(route, limits);
    const concerned = [...this.#learnRoute(route, limits)];
    const bucket = limits.known ? this.getBucket(route) : permit.bucket;
    this.#learnWindow(bucket, permit, limits, concerned, now);
    const current = limits.known ? this.getBucket(route) : bucket;
    if (refusal) this.#refuse(current, permit, refusal, concerned, now);
    else if (wasAdmitted(limits)) this.#remember(permit, now);
    this.#host.onAnswered(this, route, limits);
    for (const other of concerned) other.drain();
    return current;
  }

  /** Learns from headers that came without a permit, or before their permit ends. */
  update(route: CompiledRoute, limits: ResponseLimits, now: LocalInstant): void {
    this.#host.onAnswer(route, limits);
    const permit = this.getBucket(route).answerOldest(route.identity);
    const concerned = [...this.#learnRoute(route, limits)];
    const bucket = this.getBucket(route);
    const sequence = permit?.description.sequence ?? this.nextSequence();
    const answered = { description: { route, sequence }, sentAt: permit?.sentAt ?? now, isAnswered: true };
    this.#learnWindow(bucket, answered, limits, concerned, now);
    for (const other of concerned) other.drain();
    this.getBucket(route).drain();
  }

  /** Holds all requests until `until`, and rejects at once those for which that is too long. */
  throttle(until: LocalInstant): void {
    this.gate.throttle(until);
    if (this.gate.heldFor(false, this.clock.now()) > this.maxRateLimit) this.drain();
  }

  /** Asks all that waits again, wherever it stands. */
  drain(): void {
    for (const buckets of this.bucketSets()) {
      for (const bucket of buckets.values()) if (!bucket.isEmpty) bucket.drain();
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
    for (const { hash, ...known } of sharing) this.#sharing.set(hash, Sharing.from(known));
    for (const route of routes) this.#restoreRoute(route);
    for (const bucket of buckets) this.#restored.add(bucket, bucket.majors, BucketState.from(bucket.state));
  }

  /** Forgets what was restored long enough ago and never asked for; a step each. */
  collectRestored(expireAfter: Duration, now: LocalInstant): Generator<void> {
    return this.#restored.collect(expireAfter, now);
  }

  close(): void {
    this.gate.close();
    for (const buckets of this.bucketSets()) for (const bucket of buckets.values()) bucket.close();
    this.#known.clear();
    this.#sharing.clear();
    this.#unknown.clear();
    this.#routes.clear();
  }

  #record(route: CompiledRoute): RouteRecord {
    const { identity } = route;
    const found = this.#routes.get(identity);
    if (found) return found;
    const hash = this.#partnerOf(identity)?.hash;
    const buckets = hash === undefined ? getOrAdd(this.#unknown, pairOf(identity)) : this.#bucketsOf(identity, hash);
    const record = { identity, hash, isUnlimited: false, buckets };
    this.#routes.set(identity, record);
    return record;
  }

  #partnerOf(identity: string): RouteRecord | undefined {
    const partner = partnerOf(identity);
    return partner === undefined ? undefined : this.#routes.get(partner);
  }

  #createBucket(record: RouteRecord, route: CompiledRoute): RESTBucket {
    const name = record.hash === undefined ? this.#unknownName(route) : this.#knownName(route, record.hash);
    const bucket = new RESTBucket({ name, route }, this);
    if (record.isUnlimited) bucket.setUnlimited();
    bucket.countsApart = record.hash !== undefined && this.#isSplit(record.hash);
    this.#recall(record, bucket);
    record.buckets.set(route.majorParamHash, bucket);
    return bucket;
  }

  *#keptBuckets(now: LocalInstant, lostAt: LocalInstant): Generator<KeptBucket> {
    for (const [key, buckets] of this.#keyedSets()) {
      for (const [majors, bucket] of buckets) {
        const state = bucket.knowledge(now, lostAt);
        if (state.window || state.subLimits.length > 0 || state.heldUntil > now) yield { ...key, majors, state };
      }
    }
    for (const [key, majors, state] of this.#restored) yield { ...key, majors, state: state.knowledge(now, lostAt) };
  }

  /** {@link bucketSets}, with what tells each from the others. */
  *#keyedSets(): Generator<[key: SetKey, buckets: Buckets]> {
    for (const [name, buckets] of this.#known) yield [keyOf(name), buckets];
    for (const [route, buckets] of this.#unknown) yield [{ hash: undefined, route }, buckets];
    for (const { identity: route, isUnlimited, buckets } of this.#routes.values()) {
      if (isUnlimited) yield [{ hash: undefined, route }, buckets];
    }
  }

  #restoreRoute({ identity, hash, isUnlimited }: RouteKnowledge): void {
    const buckets = hash === undefined ? new Map<string, RESTBucket>() : this.#bucketsOf(identity, hash);
    this.#routes.set(identity, { identity, hash, isUnlimited, buckets });
  }

  /** A bucket that is used for the first time since a restart continues with what was known of it. */
  #recall(record: RouteRecord, bucket: RESTBucket): void {
    if (this.#restored.isEmpty) return;
    const before = this.#restored.take(this.#keyOf(record), bucket.route.majorParamHash);
    if (before) bucket.continueFrom(before);
  }

  /** What tells the set of a route's buckets from the others. */
  #keyOf({ identity, hash, isUnlimited }: RouteRecord): SetKey {
    if (hash !== undefined) return { hash, route: this.#isSplit(hash) ? identity : undefined };
    return { hash, route: isUnlimited ? identity : pairOf(identity) };
  }

  #realName(route: CompiledRoute, hash: string): string {
    return route.createRealBucketHash(hash, this.digest);
  }

  /** The real bucket hash; with the route where the routes of a hash count apart. */
  #knownName(route: CompiledRoute, hash: string): string {
    const name = this.#realName(route, hash);
    return this.#isSplit(hash) ? name + HASH_SEPARATOR + route.identity : name;
  }

  /** Unknown buckets of several routes must not share a name. */
  #unknownName(route: CompiledRoute): string {
    return this.#realName(route, UNKNOWN_HASH) + HASH_SEPARATOR + pairOf(route.identity);
  }

  /** Maps the route as the answer tells; returns the other buckets that may have something to send now. */
  #learnRoute(route: CompiledRoute, limits: ResponseLimits): readonly RESTBucket[] {
    const record = this.#record(route);
    if (limits.known) return this.#learnHash(record, route, limits.known.bucket);
    if (record.hash !== undefined || record.isUnlimited || !tellsNoLimits(limits)) return [];
    record.isUnlimited = true;
    this.#host.onUnlimited(route);
    return this.#moveRoute(record, new Map());
  }

  #learnHash(record: RouteRecord, route: CompiledRoute, hash: string): readonly RESTBucket[] {
    const { hash: previous } = record;
    if (previous === hash) return [];
    record.hash = hash;
    record.isUnlimited = false;
    if (previous !== undefined) this.#host.onHashChanged(route, previous, hash);
    const moved = this.#moveRoute(record, this.#bucketsOf(record.identity, hash));
    const partner = this.#partnerOf(record.identity);
    if (partner === undefined || partner.hash !== undefined || partner.isUnlimited) return moved;
    partner.hash = hash;
    return [...moved, ...this.#moveRoute(partner, this.#bucketsOf(partner.identity, hash))];
  }

  /** Where the buckets of a route with this hash are. */
  #bucketsOf(identity: string, hash: string): Buckets {
    return getOrAdd(this.#known, this.#isSplit(hash) ? hash + HASH_SEPARATOR + identity : hash);
  }

  #isSplit(hash: string): boolean {
    return this.#sharing.get(hash)?.isSplit === true;
  }

  /** Learns what an answer tells of a window, and whether its route counts together with the others of its hash. */
  #learnWindow(
    bucket: RESTBucket,
    answered: AnsweredRequest,
    limits: ResponseLimits,
    concerned: RESTBucket[],
    now: LocalInstant,
  ): void {
    const { route } = answered.description;
    const previousKind = bucket.windowKind;
    const isSeparate = bucket.learn(answered, limits, now)?.isSeparate === true;
    if (limits.known && isSeparate) {
      concerned.push(...this.#regroup(limits.known.bucket, route, 'split'));
      this.getBucket(route).learn(answered, limits, now);
    }
    this.#host.onLearned(this.getBucket(route), previousKind);
  }

  /** Shares the buckets of a hash out to its routes, or puts them together again. */
  #regroup(hash: string, route: CompiledRoute, change: 'split' | 'join'): readonly RESTBucket[] {
    const sharing = this.#sharing.get(hash) ?? new Sharing();
    this.#sharing.set(hash, sharing);
    if (!sharing[change]()) return [];
    this.#host.onSharing(route, hash, change);
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
  #handOver(record: RouteRecord, previous: Buckets, change: 'split' | 'join'): void {
    for (const [majorParamHash, from] of previous) {
      const to = record.buckets.get(majorParamHash);
      if (to === undefined || !from.routesAnswered.has(record.identity)) continue;
      if (change === 'split') to.adopt(from, record.identity);
      // Of several windows that turn out to be one, the one that is over last is the safe one.
      else if (to.resetAt <= from.resetAt) to.adoptAll(from, record.identity);
    }
  }

  #remember({ description, sentAt }: HeldPermit, receivedAt: LocalInstant): void {
    const { route, fields } = description;
    this.#recent.add(route.identity, route.majorParamHash, { fields, sentAt, receivedAt });
  }

  /** Moves a route, with all that waits or is in flight on it, to other buckets; returns those concerned. */
  #moveRoute(record: RouteRecord, buckets: Buckets): readonly RESTBucket[] {
    const previous = record.buckets;
    record.buckets = buckets;
    const concerned: RESTBucket[] = [];
    for (const [majorParamHash, bucket] of previous) {
      const route = bucket.routeOf(record.identity);
      if (route === undefined) continue;
      // A bucket that is this route's alone becomes the other one; what several routes use is shared out.
      const isOwn = bucket.isUnknown && !bucket.isUsedBeside(record.identity);
      if (isOwn) previous.delete(majorParamHash);
      if (isOwn && !buckets.has(majorParamHash)) this.#settle(record, bucket);
      else concerned.push(this.#join(record, bucket, route));
      concerned.push(bucket);
    }
    return concerned;
  }

  /** An unknown bucket becomes the one of its route. */
  #settle(record: RouteRecord, bucket: RESTBucket): void {
    const { route } = bucket;
    record.buckets.set(route.majorParamHash, bucket);
    if (record.isUnlimited) bucket.setUnlimited();
    this.#recall(record, bucket);
    if (record.hash === undefined) return;
    bucket.resolve(this.#knownName(route, record.hash));
    bucket.countsApart = this.#isSplit(record.hash);
    this.#host.onResolved(bucket, route, record.hash);
  }

  /** The requests of a route leave one bucket for the one where they belong. */
  #join(record: RouteRecord, from: RESTBucket, route: CompiledRoute): RESTBucket {
    const target = this.getBucket(route);
    target.absorb(from, record.identity);
    if (from.isUnknown && record.hash !== undefined) this.#host.onResolved(target, route, record.hash);
    return target;
  }

  #refuse(
    bucket: RESTBucket,
    { description, sentAt }: HeldPermit,
    refusal: Refusal,
    concerned: RESTBucket[],
    now: LocalInstant,
  ): void {
    const { route } = description;
    const { kind } = refusal;
    this.#host.onRefused(bucket, route, refusal, now);
    if (kind === 'global') this.throttle(now + refusal.retryAfter);
    // A route whose answers never showed a limit has one that no header shows.
    const isUnseen = kind === 'hidden' || (kind === 'bucket' && bucket.isUnlimited);
    if (kind === 'sub-limit' || isUnseen) this.#learnHidden(bucket, description, refusal);
    // A sub-limit concerns some requests only; they wait beside the queue.
    if (kind === 'bucket' || kind === 'shared' || kind === 'hidden') bucket.hold(now + refusal.retryAfter);
    const hash = this.#routes.get(route.identity)?.hash;
    if (kind !== 'bucket' || hash === undefined || !bucket.wasInformed(sentAt)) return;
    concerned.push(...this.#regroup(hash, route, 'join'));
    this.getBucket(route).hold(now + refusal.retryAfter);
  }

  #learnHidden(bucket: RESTBucket, description: RequestDescription, refusal: Refusal): void {
    const { route, fields } = description;
    if (refusal.kind === 'sub-limit' && fields.length === 0) return;
    const admitted = this.#recent.of(route.identity, route.majorParamHash);
    this.#host.onSubLimited(bucket, route, bucket.learnHidden(description, refusal, admitted), refusal);
  }
}

/** Adding and removing one thing: PUT and DELETE of one path. */
const PARTNERS: Readonly<Record<string, string>> = { PUT: 'DELETE', DELETE: 'PUT' };

/**
 * The identity of the route that undoes what this one does. Such pairs really share counters (facts part 2, #981), so
 * what an answer tells of the one is assumed of the other until an answer says otherwise.
 */
function partnerOf(identity: string): string | undefined {
  const [method, path] = splitIdentity(identity);
  const partner = PARTNERS[method];
  return partner === undefined ? undefined : `${partner} ${path}`;
}

/** Names a pair of routes, or a route without a partner. */
function pairOf(identity: string): string {
  const [method, path] = splitIdentity(identity);
  return PARTNERS[method] === undefined ? identity : `PUT|DELETE ${path}`;
}

function splitIdentity(identity: string): [method: string, path: string] {
  const space = identity.indexOf(' ');
  return [identity.slice(0, space), identity.slice(space + 1)];
}

function getOrAdd(sets: Map<string, Buckets>, key: string): Buckets {
  const found = sets.get(key);
  if (found) return found;
  const buckets: Buckets = new Map();
  sets.set(key, buckets);
  return buckets;
}

/** Whether the limits that no header shows have counted a request. */
function wasAdmitted({ status }: ResponseLimits): boolean {
  return status === undefined || status < 500;
}

/** Whether an answer shows that its route has no limits; a failed one may lack the headers for other reasons. */
function tellsNoLimits({ hasLimitHeaders, status }: ResponseLimits): boolean {
  return !hasLimitHeaders && (status === undefined || (status >= 200 && status < 400));
}
