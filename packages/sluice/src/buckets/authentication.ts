import { createHash } from 'node:crypto';
import type { CompiledRoute } from '../routes/route.js';
import { HASH_SEPARATOR, UNKNOWN_HASH } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { BucketHost } from './bucket-host.js';
import { GlobalGate } from './global-gate.js';
import type { HeldPermit } from './permit.js';
import { RESTBucket } from './rest-bucket.js';

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
export interface AuthenticationHost extends Omit<BucketHost, 'gate' | 'getBucket' | 'isExempt' | 'learn'> {
  readonly globalLimit: number;
  bannedUntil(): LocalInstant;
  onGlobalLimited(authentication: Authentication, retryAfter: Duration, isReactive: boolean): void;
  onResolved(bucket: RESTBucket, route: CompiledRoute, hash: string): void;
  onHashChanged(route: CompiledRoute, from: string, to: string): void;
  onUnlimited(route: CompiledRoute): void;
  onAnswer(route: CompiledRoute, limits: ResponseLimits): void;
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
  /** Buckets by hash. */
  readonly #known = new Map<string, Buckets>();
  /** Buckets without a hash, by the pair of their routes. */
  readonly #unknown = new Map<string, Buckets>();

  constructor(digest: string, host: AuthenticationHost) {
    this.digest = digest;
    this.#host = host;
    this.gate = new GlobalGate({
      clock: host.clock,
      limit: host.globalLimit,
      bannedUntil: () => host.bannedUntil(),
      onLimited: (retryAfter, isReactive) => host.onGlobalLimited(this, retryAfter, isReactive),
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
    return route.isInteraction && this.digest === NO_AUTHORIZATION;
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
    const concerned = this.#learnRoute(route, limits);
    const bucket = limits.known ? this.getBucket(route) : permit.bucket;
    const previousKind = bucket.windowKind;
    bucket.learn(permit, limits, now);
    this.#host.onLearned(bucket, previousKind);
    if (refusal) this.#refuse(bucket, route, refusal, now);
    for (const other of concerned) other.drain();
    return bucket;
  }

  /** Learns from headers that came without a permit, or before their permit ends. */
  update(route: CompiledRoute, limits: ResponseLimits, now: LocalInstant): void {
    this.#host.onAnswer(route, limits);
    const permit = this.getBucket(route).answerOldest(route.identity);
    const concerned = this.#learnRoute(route, limits);
    const bucket = this.getBucket(route);
    const previousKind = bucket.windowKind;
    bucket.learn({ description: { route }, sentAt: permit?.sentAt ?? now, isAnswered: true }, limits, now);
    this.#host.onLearned(bucket, previousKind);
    for (const other of concerned) other.drain();
    bucket.drain();
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
    return this.gate.isIdle(now);
  }

  close(): void {
    this.gate.close();
    for (const buckets of this.bucketSets()) for (const bucket of buckets.values()) bucket.close();
    this.#known.clear();
    this.#unknown.clear();
    this.#routes.clear();
  }

  #record(route: CompiledRoute): RouteRecord {
    const { identity } = route;
    const found = this.#routes.get(identity);
    if (found) return found;
    const hash = this.#partnerOf(identity)?.hash;
    const buckets = hash === undefined ? getOrAdd(this.#unknown, pairOf(identity)) : getOrAdd(this.#known, hash);
    const record = { identity, hash, isUnlimited: false, buckets };
    this.#routes.set(identity, record);
    return record;
  }

  #partnerOf(identity: string): RouteRecord | undefined {
    const partner = partnerOf(identity);
    return partner === undefined ? undefined : this.#routes.get(partner);
  }

  #createBucket(record: RouteRecord, route: CompiledRoute): RESTBucket {
    const name = record.hash === undefined ? this.#unknownName(route) : this.#realName(route, record.hash);
    const bucket = new RESTBucket({ name, route }, this);
    if (record.isUnlimited) bucket.setUnlimited();
    record.buckets.set(route.majorParamHash, bucket);
    return bucket;
  }

  #realName(route: CompiledRoute, hash: string): string {
    return route.createRealBucketHash(hash, this.digest);
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
    const moved = this.#moveRoute(record, getOrAdd(this.#known, hash));
    const partner = this.#partnerOf(record.identity);
    if (partner === undefined || partner.hash !== undefined || partner.isUnlimited) return moved;
    partner.hash = hash;
    return [...moved, ...this.#moveRoute(partner, record.buckets)];
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
    if (record.hash === undefined) return;
    bucket.resolve(this.#realName(route, record.hash));
    this.#host.onResolved(bucket, route, record.hash);
  }

  /** The requests of a route leave one bucket for the one where they belong. */
  #join(record: RouteRecord, from: RESTBucket, route: CompiledRoute): RESTBucket {
    const target = this.getBucket(route);
    target.absorb(from, record.identity);
    if (from.isUnknown && record.hash !== undefined) this.#host.onResolved(target, route, record.hash);
    return target;
  }

  #refuse(bucket: RESTBucket, route: CompiledRoute, refusal: Refusal, now: LocalInstant): void {
    const until = now + refusal.retryAfter;
    if (refusal.kind === 'global') this.gate.throttle(until);
    // A sub-limit concerns some requests only; they wait beside the queue.
    else if (refusal.kind !== 'sub-limit' && refusal.kind !== 'cloudflare') bucket.hold(until);
    this.#host.onRefused(bucket, route, refusal, now);
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

/** Whether an answer shows that its route has no limits; a failed one may lack the headers for other reasons. */
function tellsNoLimits({ hasLimitHeaders, status }: ResponseLimits): boolean {
  return !hasLimitHeaders && (status === undefined || (status >= 200 && status < 400));
}
