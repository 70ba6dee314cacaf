import type { Bucket, Desk } from '../buckets/bucket.js';
import { BucketSet, type SetKey } from '../buckets/bucket-set.js';
import type { Dispatcher } from '../buckets/dispatcher.js';
import { absorb, adopt, adoptAll, moveTo } from '../buckets/moving.js';
import { pairOf, partnerOf } from '../buckets/route-pairs.js';
import type { Turns } from '../buckets/turns.js';
import type { Clock } from '../clock/clock.js';
import type { Outbox } from '../coordination/outbox.js';
import { type CompiledRoute, HASH_SEPARATOR } from '../routes/route.js';
import { BucketState } from '../rules/bucket-state.js';
import { Grouping, type GroupingKnowledge } from '../rules/grouping.js';
import type { AuthenticationKnowledge, KeptBucket, RouteKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { RestoredBuckets } from './snapshot/restored-buckets.js';
import type { Tell } from './tell.js';

/** What is known of a route: its bucket hash, and the set of its buckets. */
interface RouteRecord {
  readonly identity: string;
  /** `undefined` until a response shows it. */
  hash: string | undefined;
  /** Whether its responses carry no rate-limit headers. */
  isUnlimited: boolean;
  /** One set for all routes of a hash; and before a response, for a pair of routes. */
  buckets: BucketSet;
}

/** The parts of its authentication that a directory works with. */
export interface DirectoryContext {
  readonly digest: string;
  readonly clock: Clock;
  readonly desk: Desk;
  readonly dispatcher: Dispatcher;
  readonly turns: Turns;
  readonly tell: Tell;
  /** Reports to the store, if processes share the limits. */
  report(change: (outbox: Outbox) => void): void;
}

/** The evidence for each change, as the event `sharingChanged` gives it. */
const REASONS = {
  split: 'its answer was the first of a window although another route had used the bucket',
  join: 'it was refused although its own count had requests left',
} as const;

/** An empty list of buckets that may have a request to send now. */
export const NO_BUCKETS: readonly Bucket[] = [];

/**
 * The buckets of one authentication. Route → hash → bucket is two look-ups: by the identity of the route, then by the
 * major parameters. What responses show of hashes moves routes, and all that waits there, from one set to another.
 *
 * Each method that moves routes returns the buckets that may have a request to send now.
 */
export class Directory {
  readonly #context: DirectoryContext;
  readonly #routes = new Map<string, RouteRecord>();
  /** Buckets by hash; by hash and route where the routes of a hash count apart. */
  readonly #known = new Map<string, BucketSet>();
  /** For each hash with more than one route: whether these count together. */
  readonly #groupings = new Map<string, Grouping>();
  /** Buckets without a hash, by the pair of their routes. */
  readonly #unknown = new Map<string, BucketSet>();
  readonly #restored = new RestoredBuckets();

  constructor(context: DirectoryContext) {
    this.#context = context;
  }

  /** The hash of every route that has one, by the route's identity. */
  *hashes(): Generator<[identity: string, hash: string]> {
    for (const { identity, hash } of this.#routes.values()) if (hash !== undefined) yield [identity, hash];
  }

  /** The hash of a route, by its identity. */
  hashOf(identity: string): string | undefined {
    return this.#routes.get(identity)?.hash;
  }

  /** Every set of buckets: one per hash, one per pair of routes without a hash, one per route without limits. */
  *sets(): Generator<BucketSet> {
    yield* this.#known.values();
    yield* this.#unknown.values();
    for (const { isUnlimited, buckets } of this.#routes.values()) if (isUnlimited) yield buckets;
  }

  *buckets(): Generator<Bucket> {
    for (const set of this.sets()) yield* set.values();
  }

  /** Whether no bucket is known, not even from before a restart. */
  get isEmpty(): boolean {
    for (const set of this.sets()) if (set.size > 0) return false;
    return this.#restored.isEmpty;
  }

  getBucket(route: CompiledRoute): Bucket {
    return this.#bucketIn(this.#recordOf(route.identity), route);
  }

  /** A response named the bucket hash of a route. */
  learnHash(identity: string, hash: string): readonly Bucket[] {
    return this.#learnHash(this.#recordOf(identity), hash);
  }

  /** A response came without rate-limit headers. */
  learnUnlimited(identity: string): readonly Bucket[] {
    return this.#learnUnlimited(this.#recordOf(identity));
  }

  /** Reports to the store the hash of a route, or that it has none. */
  reportRoute(identity: string): void {
    const hash = this.hashOf(identity) ?? '';
    this.#context.report((outbox) => outbox.route(identity, hash));
  }

  /** Evidence showed that the routes of a hash count apart, or together. */
  regroup(hash: string, { identity }: CompiledRoute, change: 'split' | 'join'): readonly Bucket[] {
    const grouping = this.#groupings.get(hash) ?? new Grouping();
    this.#groupings.set(hash, grouping);
    if (!grouping[change]()) return NO_BUCKETS;
    this.#context.tell('sharingChanged', () => ({ hash, change, route: identity, reason: REASONS[change] }));
    const { isSplit, joins } = grouping.knowledge;
    this.#context.report((outbox) => outbox.sharing(hash, isSplit, joins));
    return this.#moveRoutes(hash, change);
  }

  /** Another process found that the routes of a hash count apart, or together. */
  setGrouping(hash: string, known: GroupingKnowledge): readonly Bucket[] {
    const wasSplit = this.#isSplit(hash);
    this.#groupings.set(hash, Grouping.from(known));
    return wasSplit === known.isSplit ? NO_BUCKETS : this.#moveRoutes(hash, known.isSplit ? 'split' : 'join');
  }

  /** Reports all that is known of routes and hashes, to a store that has lost it. */
  restate(outbox: Outbox): void {
    for (const { identity, hash, isUnlimited } of this.#routes.values()) {
      if (hash !== undefined || isUnlimited) outbox.route(identity, hash ?? '');
    }
    for (const [hash, { knowledge }] of this.#groupings) outbox.sharing(hash, knowledge.isSplit, knowledge.joins);
  }

  /** Forgets the routes without a bucket, when more than `limit` routes are known. */
  forgetRoutes(limit: number): void {
    if (this.#routes.size <= limit) return;
    for (const [pair, buckets] of this.#unknown) if (buckets.size === 0) this.#unknown.delete(pair);
    for (const [identity, { buckets }] of this.#routes) if (buckets.size === 0) this.#routes.delete(identity);
    for (const [hash, buckets] of this.#known) if (buckets.size === 0) this.#known.delete(hash);
  }

  /** The knowledge that outlives the process: the server counted the requests in flight by `lostAt`, or never will. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): Pick<AuthenticationKnowledge, 'sharing' | 'routes' | 'buckets'> {
    return {
      sharing: [...this.#groupings].map(([hash, grouping]) => ({ hash, ...grouping.knowledge })),
      routes: [...this.#routes.values()].filter(({ hash, isUnlimited }) => hash !== undefined || isUnlimited),
      buckets: [...this.#keptBuckets(now, lostAt)],
    };
  }

  /** Continues from before a restart, as long as nothing else is known. */
  restore({ sharing, routes, buckets }: Pick<AuthenticationKnowledge, 'sharing' | 'routes' | 'buckets'>): void {
    for (const { hash, ...known } of sharing) this.#groupings.set(hash, Grouping.from(known));
    for (const route of routes) this.#restoreRoute(route);
    for (const bucket of buckets) this.#restored.add(bucket, bucket.majorKey, BucketState.from(bucket.state));
  }

  /** Forgets restored buckets that no request has asked for in time; a step each. */
  collectRestored(expireAfter: Duration, now: LocalInstant): Generator<void> {
    return this.#restored.collect(expireAfter, now);
  }

  close(): void {
    for (const bucket of this.buckets()) bucket.close();
    this.#known.clear();
    this.#groupings.clear();
    this.#unknown.clear();
    this.#routes.clear();
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

  #bucketIn(record: RouteRecord, route: CompiledRoute): Bucket {
    return record.buckets.get(route.majorParamHash) ?? this.#createBucket(record, route);
  }

  #createBucket(record: RouteRecord, route: CompiledRoute): Bucket {
    const { buckets, hash, isUnlimited } = record;
    const bucket = this.#context.turns.createBucket(buckets, route);
    bucket.state.countsApart = hash !== undefined && this.#isSplit(hash);
    if (isUnlimited) bucket.state.isUnlimited = true;
    this.#recall(record, bucket);
    buckets.set(bucket.majorKey, bucket);
    return bucket;
  }

  *#keptBuckets(now: LocalInstant, lostAt: LocalInstant): Generator<KeptBucket> {
    for (const set of this.sets()) {
      for (const [majorKey, bucket] of set) {
        const state = bucket.state.bucketKnowledge(bucket.unanswered, now, lostAt);
        if (state.window || state.subLimits.length > 0 || state.heldUntil > now) yield { ...set.key, majorKey, state };
      }
    }
    for (const [key, majorKey, state] of this.#restored) {
      yield { ...key, majorKey, state: state.bucketKnowledge(0, now, lostAt) };
    }
  }

  #restoreRoute({ identity, hash, isUnlimited }: RouteKnowledge): void {
    const buckets = hash === undefined ? this.#unlimitedOf(identity) : this.#bucketsOf(identity, hash);
    this.#routes.set(identity, { identity, hash, isUnlimited, buckets });
  }

  /** A bucket that is used for the first time since a restart goes on with its knowledge from before. */
  #recall({ buckets }: RouteRecord, bucket: Bucket): void {
    if (this.#restored.isEmpty) return;
    const before = this.#restored.take(buckets.key, bucket.majorKey);
    if (before) bucket.state.continueFrom(before);
  }

  #learnUnlimited(record: RouteRecord): readonly Bucket[] {
    const { identity, hash, isUnlimited } = record;
    if (hash !== undefined || isUnlimited) return NO_BUCKETS;
    record.isUnlimited = true;
    this.#context.tell('routeUnlimited', () => ({ route: identity }));
    return this.#moveRoute(record, this.#unlimitedOf(identity));
  }

  #learnHash(record: RouteRecord, hash: string): readonly Bucket[] {
    const { identity, hash: previous } = record;
    if (previous === hash) return NO_BUCKETS;
    record.hash = hash;
    record.isUnlimited = false;
    if (previous !== undefined) {
      this.#context.tell('hashChanged', () => ({ route: identity, from: previous, to: hash }));
    }
    const moved = this.#moveRoute(record, this.#bucketsOf(identity, hash));
    const partner = this.#partnerOf(identity);
    if (partner === undefined || partner.hash !== undefined || partner.isUnlimited) return moved;
    partner.hash = hash;
    return [...moved, ...this.#moveRoute(partner, this.#bucketsOf(partner.identity, hash))];
  }

  /** The set of the buckets of a route with this hash. */
  #bucketsOf(identity: string, hash: string): BucketSet {
    if (!this.#isSplit(hash)) return this.#setOf(this.#known, hash, { hash, route: undefined }, identity);
    return this.#setOf(this.#known, hash + HASH_SEPARATOR + identity, { hash, route: identity }, identity);
  }

  /** The set of the buckets of a pair of routes without a hash. */
  #unknownOf(pair: string): BucketSet {
    return this.#setOf(this.#unknown, pair, { hash: undefined, route: pair }, pair);
  }

  /** A set for the buckets of a route without limits. */
  #unlimitedOf(identity: string): BucketSet {
    return this.#createSet({ hash: undefined, route: identity }, identity);
  }

  #setOf(sets: Map<string, BucketSet>, name: string, key: SetKey, identity: string): BucketSet {
    const found = sets.get(name);
    if (found) return found;
    const set = this.#createSet(key, identity);
    sets.set(name, set);
    return set;
  }

  #createSet(key: SetKey, identity: string): BucketSet {
    return new BucketSet(this.#context.desk, this.#context.digest, key, identity);
  }

  #isSplit(hash: string): boolean {
    return this.#groupings.get(hash)?.isSplit === true;
  }

  #moveRoutes(hash: string, change: 'split' | 'join'): readonly Bucket[] {
    this.#restored[change](hash);
    const concerned: Bucket[] = [];
    for (const record of this.#routes.values()) {
      if (record.hash !== hash) continue;
      const { buckets } = record;
      const moved = this.#moveRoute(record, this.#bucketsOf(record.identity, hash));
      handOver(record, buckets, change);
      concerned.push(...moved);
    }
    return concerned;
  }

  /** Moves a route, with all that waits or is in flight on it, to another set of buckets. */
  #moveRoute(record: RouteRecord, buckets: BucketSet): readonly Bucket[] {
    const previous = record.buckets;
    record.buckets = buckets;
    const concerned: Bucket[] = [];
    for (const [majorKey, bucket] of previous) {
      // A bucket of this route alone becomes the other one; the requests in a bucket of several routes are divided.
      const isOwn = bucket.isUnknown && !bucket.isUsedBeside(record.identity);
      if (!isOwn && !bucket.isUsedBy(record.identity)) continue;
      if (isOwn) previous.delete(majorKey);
      if (isOwn && !buckets.has(majorKey)) this.#settle(record, bucket);
      else concerned.push(this.#join(record, bucket));
      concerned.push(bucket);
    }
    return concerned;
  }

  /** An unknown bucket becomes the one of its route. */
  #settle(record: RouteRecord, bucket: Bucket): void {
    const { hash, buckets, isUnlimited } = record;
    buckets.set(bucket.majorKey, bucket);
    moveTo(bucket, buckets, this.#context.turns);
    bucket.state.countsApart = hash !== undefined && this.#isSplit(hash);
    if (isUnlimited) bucket.state.isUnlimited = true;
    this.#recall(record, bucket);
    if (hash !== undefined) this.#tellResolved(bucket, bucket.routeOf(record.identity), hash);
  }

  /** The requests of a route leave one bucket for the one where they belong. */
  #join(record: RouteRecord, from: Bucket): Bucket {
    const { identity, hash } = record;
    const route = from.routeOf(identity);
    const target = this.#bucketIn(record, route);
    absorb(target, from, identity, this.#context.clock.now(), this.#context);
    if (from.isUnknown && hash !== undefined) this.#tellResolved(target, route, hash);
    return target;
  }

  #tellResolved(bucket: Bucket, route: CompiledRoute, hash: string): void {
    this.#context.tell('bucketResolved', () => ({ route: String(route), bucket: bucket.name, hash }));
  }
}

/** The knowledge of a route's windows goes with the route. */
function handOver({ identity, buckets }: RouteRecord, previous: BucketSet, change: 'split' | 'join'): void {
  for (const [majorKey, from] of previous) {
    const to = buckets.get(majorKey);
    if (to === undefined || to === from) continue;
    if (change === 'split') adopt(to, from, identity);
    // Of several windows that turn out to be one, the one that is over last is the safe one.
    else if (to.resetAt <= from.resetAt) adoptAll(to, from, identity);
  }
}
