import { TOLERANCE } from './tolerance.js';

/** At most `limit` counted arrivals in `(now - period, now]`, for every `now`: the strictest way to divide time. */
export class RollingLimit {
  readonly #limit: number;
  readonly #period: number;
  /** The newest counted arrivals, at most `limit` of them, as a ring. */
  readonly #arrivals: number[] = [];
  #oldest = 0;

  /**
   * @param limit - the most arrivals in a period, at least 1
   * @param period - milliseconds
   */
  constructor(limit: number, period: number) {
    this.#limit = limit;
    this.#period = period;
  }

  /** Milliseconds from `now` until there is room for another arrival; 0 when there is room. */
  wait(now: number): number {
    if (this.#arrivals.length < this.#limit) return 0;
    const wait = (this.#arrivals[this.#oldest] ?? now) + this.#period - now;
    return wait > TOLERANCE ? wait : 0;
  }

  /**
   * Counts a request that arrives at `now` (ms), unless the period is full.
   *
   * @returns 0 when the request was counted, otherwise milliseconds until the oldest arrival leaves the period
   */
  hit(now: number): number {
    const wait = this.wait(now);
    if (wait > 0) return wait;
    if (this.#arrivals.length < this.#limit) {
      this.#arrivals.push(now);
      return 0;
    }
    this.#arrivals[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % this.#limit;
    return 0;
  }
}
