import Bottleneck from 'bottleneck';
import { type Limiter, type MakeLimiter, verifyCount } from './limiter.js';

/** One limiter per channel, with one job at a time and no other limits. It learns nothing from responses. */
class BottleneckLimiter implements Limiter {
  readonly #channels: readonly string[];
  readonly #limiters: ReadonlyMap<string, Bottleneck>;
  #passed = 0;

  constructor(channels: readonly string[]) {
    this.#channels = channels;
    this.#limiters = new Map(channels.map((channel) => [channel, new Bottleneck({ maxConcurrent: 1 })]));
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    const answer = async () => {
      this.#passed++;
    };
    for (let index = from; index < from + count; index++) {
      await this.#limiterOf(buckets[index % buckets.length] as number).schedule(answer);
    }
  }

  send(bucket: number): Promise<void> {
    return this.#limiterOf(bucket).schedule(async () => {
      await undefined;
      this.#passed++;
    });
  }

  verify(requests: number): void {
    verifyCount('bottleneck', this.#passed, requests);
  }

  #limiterOf(bucket: number): Bottleneck {
    return this.#limiters.get(this.#channels[bucket] as string) as Bottleneck;
  }
}

export const makeLimiter: MakeLimiter = async (channels) => new BottleneckLimiter(channels);
