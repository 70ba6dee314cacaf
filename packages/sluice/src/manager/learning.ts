import { learnAnswer } from '../buckets/answer.js';
import type { Bucket, PermitRequest } from '../buckets/bucket.js';
import type { BucketContext } from '../buckets/bucket-context.js';
import type { Dispatcher } from '../buckets/dispatcher.js';
import type { AnsweredRequest } from '../buckets/turns.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import { RecentRequests } from '../rules/recent-requests.js';
import type { Refusal } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { type Directory, NO_BUCKETS } from './directory.js';
import type { Tell } from './tell.js';

/** The parts of its authentication that learning works with. */
export interface LearningContext extends Pick<BucketContext, 'order' | 'turns'> {
  readonly directory: Directory;
  readonly dispatcher: Dispatcher;
  readonly tell: Tell;
  /** Holds all requests of the authentication, in all processes. */
  throttle(duration: Duration, now: LocalInstant): void;
  /** The server bans this IP address. */
  onBanned(route: CompiledRoute, until: LocalInstant, retryAfter: Duration): void;
  /** All about limits is learned from the response to a request that was sent. */
  onAnswered(route: CompiledRoute, limits: ResponseLimits): void;
}

/**
 * What a response teaches an authentication: the hash of its route, the window of its bucket, the cause of a refusal.
 */
export class Learning {
  readonly #context: LearningContext;
  readonly #recent = new RecentRequests();

  constructor(context: LearningContext) {
    this.#context = context;
  }

  /** Learns from the response to a request whose permit has ended. @returns The bucket in which the request counted. */
  learn(permit: PermitRequest, limits: ResponseLimits, refusal: Refusal | undefined, now: LocalInstant): Bucket {
    const { directory } = this.#context;
    const { route } = permit;
    this.#tellProblems(route, limits);
    const { known } = limits;
    const isInPlace = known !== undefined && permit.bucket.group.hash === known.bucket;
    const moved = isInPlace ? NO_BUCKETS : this.#learnRoute(route, limits);
    const counted = isInPlace || known === undefined ? permit.bucket : directory.getBucket(route);
    const split = this.#learnWindow(counted, permit, limits, now);
    const bucket = split === NO_BUCKETS ? counted : directory.getBucket(route);
    const joined = refusal ? this.#refuse(bucket, permit, refusal, now) : NO_BUCKETS;
    if (refusal === undefined && wasAdmitted(limits)) this.#remember(permit, now);
    this.#context.onAnswered(route, limits);
    this.#dispatchAll(moved, split, joined);
    return bucket;
  }

  /** Learns from headers that came without a permit, or before their permit ends. */
  update(route: CompiledRoute, limits: ResponseLimits, now: LocalInstant): void {
    const { directory, order } = this.#context;
    this.#tellProblems(route, limits);
    const { sentAt = now, departure = order.departed } = directory.getBucket(route).answerOldest(route.identity) ?? {};
    const moved = this.#learnRoute(route, limits);
    const answered = { route, sentAt, departure, isAnswered: true, grant: undefined };
    const split = this.#learnWindow(directory.getBucket(route), answered, limits, now);
    this.#dispatchAll(moved, split, [directory.getBucket(route)]);
  }

  #tellProblems(route: CompiledRoute, { problems }: ResponseLimits): void {
    if (problems.length > 0) this.#context.tell('malformedHeaders', () => ({ route: String(route), problems }));
  }

  /** Learns the hash of a route, or that it has no limits. */
  #learnRoute({ identity }: CompiledRoute, limits: ResponseLimits): readonly Bucket[] {
    const { directory } = this.#context;
    if (limits.known === undefined && !showsNoLimits(limits)) return NO_BUCKETS;
    const moved = limits.known
      ? directory.learnHash(identity, limits.known.bucket)
      : directory.learnUnlimited(identity);
    if (moved !== NO_BUCKETS) directory.reportRoute(identity);
    return moved;
  }

  /** Learns of a window, and whether the route counts together with the others of its hash. */
  #learnWindow(
    bucket: Bucket,
    answered: AnsweredRequest,
    limits: ResponseLimits,
    now: LocalInstant,
  ): readonly Bucket[] {
    const { directory, turns } = this.#context;
    const { route } = answered;
    const { windowKind: previousKind, period } = bucket;
    const isSeparate = learnAnswer(bucket, answered, limits, now, this.#context) === 'separate';
    const concerned = limits.known && isSeparate ? directory.regroup(limits.known.bucket, route, 'split') : NO_BUCKETS;
    const own = isSeparate ? directory.getBucket(route) : bucket;
    if (isSeparate) learnAnswer(own, answered, limits, now, this.#context);
    turns.answered(own, answered, limits, period, now);
    this.#tellKind(own, previousKind);
    return concerned;
  }

  #tellKind(bucket: Bucket, previous: Bucket['windowKind']): void {
    const { windowKind: kind } = bucket;
    if (kind !== previous) this.#context.tell('windowKind', () => ({ bucket: bucket.name, kind, previous }));
  }

  #remember({ route, fields, sentAt }: PermitRequest, receivedAt: LocalInstant): void {
    this.#recent.add(route.identity, route.majorParamHash, fields, sentAt, receivedAt);
  }

  /** Holds what a refusal concerns. */
  #refuse(
    bucket: Bucket,
    { route, fields, departure, grant }: PermitRequest,
    refusal: Refusal,
    now: LocalInstant,
  ): readonly Bucket[] {
    const { directory, tell } = this.#context;
    const { kind, retryAfter } = refusal;
    tell('refused', () => ({ route: String(route), bucket: bucket.name, kind, retryAfter }));
    if (kind === 'cloudflare') this.#context.onBanned(route, now + retryAfter, retryAfter);
    if (kind === 'global') this.#context.throttle(retryAfter, now);
    // A route whose responses never showed a limit has one that no header shows.
    const isUnseen = kind === 'hidden' || (kind === 'bucket' && bucket.isUnlimited);
    if (kind === 'sub-limit' || isUnseen) this.#learnSubLimit(bucket, route, fields, refusal, now);
    // A sub-limit concerns some requests only; they wait beside the queue.
    if (kind === 'bucket' || kind === 'shared' || kind === 'hidden') this.#hold(bucket, retryAfter, now);
    const hash = directory.hashOf(route.identity);
    const wasInformed = bucket.state.wasInformed(departure) || grant?.isInformed === true;
    if (kind !== 'bucket' || hash === undefined || !wasInformed) return NO_BUCKETS;
    const concerned = directory.regroup(hash, route, 'join');
    this.#hold(directory.getBucket(route), retryAfter, now);
    return concerned;
  }

  /** Lets no request of a bucket leave for a time, in any process. */
  #hold(bucket: Bucket, duration: Duration, now: LocalInstant): void {
    bucket.state.hold(now + duration);
    this.#context.turns.hold(bucket, duration, now);
  }

  /** Learns of a limit that no header shows. */
  #learnSubLimit(
    bucket: Bucket,
    route: CompiledRoute,
    fields: readonly string[],
    { kind, retryAfter }: Refusal,
    now: LocalInstant,
  ): void {
    const isOfFields = kind === 'sub-limit';
    if (isOfFields && fields.length === 0) return;
    const limit = bucket.state.refuse(route.identity, {
      fields: isOfFields ? fields : undefined,
      retryAfter,
      receivedAt: now,
      admitted: this.#recent.of(route.identity, route.majorParamHash),
    });
    this.#context.turns.learnedSubLimit(bucket, limit, now);
    this.#context.tell('subLimited', () => ({
      route: String(route),
      bucket: bucket.name,
      fields: limit.fields,
      count: limit.count,
      period: limit.period,
      retryAfter,
    }));
  }

  #dispatchAll(...groups: readonly (readonly Bucket[])[]): void {
    for (const buckets of groups) for (const bucket of buckets) this.#context.dispatcher.dispatch(bucket);
  }
}

/** Whether the limits that no header shows have counted a request. */
function wasAdmitted({ status }: ResponseLimits): boolean {
  return status === undefined || status < 500;
}

/** Whether a response shows that its route has no limits; a failed one may lack the headers for other reasons. */
function showsNoLimits({ hasLimitHeaders, status }: ResponseLimits): boolean {
  return !hasLimitHeaders && (status === undefined || (status >= 200 && status < 400));
}
