import type { Grant } from '../coordination/ledger.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Bucket, type BucketGroup, type PermitRequest } from './bucket.js';

/** A request that was answered, as far as its bucket learns from it. */
export interface AnsweredRequest {
  readonly route: CompiledRoute;
  readonly sentAt: LocalInstant;
  /** Its place in the order of departure. */
  readonly departure: number;
  /** Whether its response was known before. */
  readonly isAnswered: boolean;
  /** What the store granted for it. */
  readonly grant?: Grant | undefined;
}

/** Decides whose turn it is under the limits of a bucket: by its own window, or together with other processes. */
export interface Turns {
  /** Whether other processes take turns, too, at present. */
  readonly isShared: boolean;
  /** Makes a bucket that takes turns here. */
  createBucket(group: BucketGroup, route: CompiledRoute): Bucket;
  /**
   * How long the limits of its bucket hold a request; `Infinity` when that takes a response, or news from the store.
   */
  waitFor(bucket: Bucket, fields: readonly string[], now: LocalInstant): Duration;
  /** Takes a turn for a request that leaves. */
  take(bucket: Bucket, fields: readonly string[]): Grant | undefined;
  /** A request waits for news. */
  want(bucket: Bucket, fields: readonly string[], now: LocalInstant): void;
  /** A request has left the queue without a permit. */
  withdrawn(bucket: Bucket): void;
  /** A permit has ended; `mayCount` tells whether the server may have counted the request. */
  ended(permit: PermitRequest, mayCount: boolean, now: LocalInstant): void;
  /** A request has ended, and whether the server counted it is not known. */
  lost(bucket: Bucket, now: LocalInstant): void;
  /** A response showed the window, whose longest reset was `knownPeriod` before. */
  answered(
    bucket: Bucket,
    request: AnsweredRequest,
    limits: ResponseLimits,
    knownPeriod: Duration,
    now: LocalInstant,
  ): void;
  /** The server holds all requests of the bucket for a time. */
  hold(bucket: Bucket, duration: Duration, now: LocalInstant): void;
  /** Requests have moved to the bucket or away from it, or its name has changed. */
  moved(bucket: Bucket): void;
  /** A refusal taught a limit that no header shows. */
  learnedSubLimit(bucket: Bucket, limit: SubLimit, now: LocalInstant): void;
  /** Slots of the global limit that the requests in the queue could use at once. */
  slotDemand(bucket: Bucket): number;
}

/** Turns by the bucket's own window: this process limits alone. */
export class OwnTurns implements Turns {
  readonly isShared = false;

  createBucket(group: BucketGroup, route: CompiledRoute): Bucket {
    return new Bucket(group, route);
  }

  waitFor(bucket: Bucket, _fields: readonly string[], now: LocalInstant): Duration {
    return bucket.state.waitFor(bucket.unanswered, now);
  }

  take(): undefined {}

  want(): void {}

  withdrawn(): void {}

  ended(): void {}

  lost(): void {}

  answered(): void {}

  hold(): void {}

  moved(): void {}

  learnedSubLimit(): void {}

  slotDemand({ waiting }: Bucket): number {
    return waiting === undefined ? 0 : waiting.queue.size;
  }
}
