import { AsyncQueue } from '@sapphire/async-queue';
import { type Limiter, type MakeLimiter, verifyCount } from './limiter.js';

/** One queue per channel: the queue in which `@discordjs/rest` orders its requests. It knows no limits. */
class AsyncQueueLimiter implements Limiter {
  readonly #channels: readonly string[];
  readonly #queues: ReadonlyMap<string, AsyncQueue>;
  #passed = 0;

  constructor(channels: readonly string[]) {
    this.#channels = channels;
    this.#queues = new Map(channels.map((channel) => [channel, new AsyncQueue()]));
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      const queue = this.#queueOf(buckets[index % buckets.length] as number);
      await queue.wait();
      this.#passed++;
      queue.shift();
    }
  }

  async send(bucket: number): Promise<void> {
    const queue = this.#queueOf(bucket);
    await queue.wait();
    await undefined;
    this.#passed++;
    queue.shift();
  }

  verify(requests: number): void {
    verifyCount('@sapphire/async-queue', this.#passed, requests);
  }

  #queueOf(bucket: number): AsyncQueue {
    return this.#queues.get(this.#channels[bucket] as string) as AsyncQueue;
  }
}

export const makeLimiter: MakeLimiter = async (channels) => new AsyncQueueLimiter(channels);
