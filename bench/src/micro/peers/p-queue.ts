import PQueue from 'p-queue';
import { type Limiter, type MakeLimiter, verifyCount } from './limiter.js';

/** One queue per channel, with one task at a time and no other limits. It learns nothing from responses. */
class PQueueLimiter implements Limiter {
  readonly #channels: readonly string[];
  readonly #queues: ReadonlyMap<string, PQueue>;
  #passed = 0;

  constructor(channels: readonly string[]) {
    this.#channels = channels;
    this.#queues = new Map(channels.map((channel) => [channel, new PQueue({ concurrency: 1 })]));
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    const answer = async () => {
      this.#passed++;
    };
    for (let index = from; index < from + count; index++) {
      await this.#queueOf(buckets[index % buckets.length] as number).add(answer);
    }
  }

  async send(bucket: number): Promise<void> {
    await this.#queueOf(bucket).add(async () => {
      await undefined;
      this.#passed++;
    });
  }

  verify(requests: number): void {
    verifyCount('p-queue', this.#passed, requests);
  }

  #queueOf(bucket: number): PQueue {
    return this.#queues.get(this.#channels[bucket] as string) as PQueue;
  }
}

export const makeLimiter: MakeLimiter = async (channels) => new PQueueLimiter(channels);
