import { TOLERANCE } from './tolerance.js';

/**
 * How a counter refills (facts, part 3).
 *
 * - `fixed`: the window opens with its first request, admits `limit` and refills at once when it ends.
 * - `sliding`: a leaky bucket. Every request adds one unit, and units drain continuously at `limit / period`.
 */
export type WindowKind = 'fixed' | 'sliding';

/** What a counter says of one request. */
export interface Admission {
  readonly admitted: boolean;
  /** Whole requests the counter would still admit at this instant. */
  readonly remaining: number;
  /** The instant, in ms, at which the counter is full again if nothing more arrives. */
  readonly resetAt: number;
  /** Milliseconds until a refused request would be admitted; 0 when it was admitted. */
  readonly retryAfter: number;
}

/** A counter of requests. The instants given to one counter must not go backwards. */
export interface Window {
  /** Counts a request that arrives at `now` (ms), unless there is no room for it. */
  hit(now: number): Admission;
}

/** A window that opens with its first request and refills at once at its end. */
export class FixedWindow implements Window {
  readonly #limit: number;
  readonly #period: number;
  #used = 0;
  #resetAt = Number.NEGATIVE_INFINITY;

  constructor(limit: number, period: number) {
    this.#limit = limit;
    this.#period = period;
  }

  hit(now: number): Admission {
    if (now >= this.#resetAt - TOLERANCE) {
      this.#used = 0;
      this.#resetAt = now + this.#period;
    }
    const admitted = this.#used < this.#limit;
    if (admitted) this.#used += 1;
    return {
      admitted,
      remaining: this.#limit - this.#used,
      resetAt: this.#resetAt,
      retryAfter: admitted ? 0 : this.#resetAt - now,
    };
  }
}

/** A leaky bucket: it admits a request while there is room for one whole unit. */
export class SlidingWindow implements Window {
  readonly #limit: number;
  /** Milliseconds in which one unit drains. */
  readonly #unit: number;
  #level = 0;
  #levelAt = Number.NEGATIVE_INFINITY;

  constructor(limit: number, period: number) {
    this.#limit = limit;
    this.#unit = period / limit;
  }

  hit(now: number): Admission {
    this.#drain(now);
    const wait = (this.#level + 1 - this.#limit) * this.#unit;
    const admitted = wait <= TOLERANCE;
    if (admitted) this.#level += 1;
    return {
      admitted,
      remaining: Math.max(0, Math.floor(this.#limit - this.#level + TOLERANCE / this.#unit)),
      resetAt: now + this.#level * this.#unit,
      retryAfter: admitted ? 0 : wait,
    };
  }

  #drain(now: number): void {
    this.#level = Math.max(0, this.#level - (now - this.#levelAt) / this.#unit);
    this.#levelAt = now;
  }
}

/**
 * Makes an idle counter.
 *
 * @param limit - requests it admits, at least 1
 * @param period - milliseconds in which it refills from empty, above 0
 */
export function createWindow(kind: WindowKind, limit: number, period: number): Window {
  return kind === 'fixed' ? new FixedWindow(limit, period) : new SlidingWindow(limit, period);
}
