import { TOLERANCE } from './tolerance.js';

const SECOND = 1000;

/**
 * The limit that all requests of one authentication share: at most `limit` counted arrivals in `(now - 1 s, now]`
 * (facts, part 5; Discord does not document how its second is cut, this is the strictest way).
 */
export class GlobalLimit {
  readonly #limit: number;
  /** The newest counted arrivals, at most `limit` of them, written round and round. */
  readonly #arrivals: number[] = [];
  #oldest = 0;

  /** @param limit - arrivals a second may hold, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Counts a request that arrives at `now` (ms), unless the second is full.
   *
   * @returns 0 when it was counted; otherwise milliseconds until the oldest arrival leaves the second
   */
  hit(now: number): number {
    const oldest = this.#arrivals.length < this.#limit ? undefined : this.#arrivals[this.#oldest];
    if (oldest === undefined) {
      this.#arrivals.push(now);
      return 0;
    }
    const wait = oldest + SECOND - now;
    if (wait > TOLERANCE) return wait;
    this.#arrivals[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    return 0;
  }
}
