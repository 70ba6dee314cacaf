import { LIMIT } from '../answers.js';
import { type Limiter, verifyCount } from './limiter.js';

/** The bucket of eris, and of oceanic.js, which has a copy of it. */
export interface SequentialBucket {
  queue(action: (done: () => void) => void): void;
}

/** The constructor; the latency is subtracted from the time of a reset. */
export type SequentialBucketClass = new (limit: number, latency: { latency: number }) => SequentialBucket;

/**
 * Buckets by channel, each full: they count down by themselves and refill at once. Their clients set a bucket's numbers
 * from the headers elsewhere, which is not measured.
 */
export class SequentialBucketsLimiter implements Limiter {
  readonly #channels: readonly string[];
  readonly #buckets: ReadonlyMap<string, SequentialBucket>;
  readonly #answered = Promise.resolve();
  #passed = 0;

  constructor(channels: readonly string[], BucketClass: SequentialBucketClass) {
    const latency = { latency: 0 };
    this.#channels = channels;
    this.#buckets = new Map(channels.map((channel) => [channel, new BucketClass(LIMIT, latency)]));
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      const bucket = this.#bucketOf(buckets[index % buckets.length] as number);
      await new Promise<void>((resolve) => {
        bucket.queue((done) => {
          this.#passed++;
          done();
          resolve();
        });
      });
    }
  }

  send(bucket: number): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#bucketOf(bucket).queue((done) => {
        void this.#answered.then(() => {
          this.#passed++;
          done();
          resolve();
        });
      });
    });
  }

  verify(requests: number): void {
    verifyCount('SequentialBucket', this.#passed, requests);
  }

  #bucketOf(bucket: number): SequentialBucket {
    return this.#buckets.get(this.#channels[bucket] as string) as SequentialBucket;
  }
}
