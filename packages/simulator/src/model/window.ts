import { TOLERANCE } from './tolerance.js';

/**
 * How a counter refills.
 *
 * - `fixed`: the window opens with its first request, admits `limit` and refills at once when it ends.
 * - `sliding`: a leaky bucket. Every request adds one unit, and units drain continuously at `limit / period`.
 */
export type WindowKind = 'fixed' | 'sliding';

/** The number of requests that a counter admits, and its period. */
export interface Limits {
  /** Requests a counter admits, at least 1. */
  readonly limit: number;
  /** Milliseconds in which a counter refills from empty, above 0. */
  readonly period: number;
  readonly window: WindowKind;
}

/** A counter's decision about one request. */
export interface Admission {
  readonly admitted: boolean;
  /** Whole requests that the counter would still admit at this instant. */
  readonly remaining: number;
  /** The instant, in ms, at which the counter is full again if nothing more arrives. */
  readonly resetAt: number;
  /** Milliseconds until a refused request would be admitted; 0 when it was admitted. */
  readonly retryAfter: number;
}

/** The content of a counter at an instant. */
interface Content {
  /** Requests that it still counts; a whole number of them in a fixed window. */
  readonly used: number;
  /** The end of a fixed window, in ms. */
  readonly endsAt?: number;
}

/** A counter of requests. The instants given to one counter must not decrease. */
export interface Window {
  /** The decision about a request at `now` (ms), without counting it: `admitted` says whether there is room. */
  look(now: number): Admission;
  /** Counts a request that arrives at `now` (ms), unless there is no room for it. */
  hit(now: number): Admission;
  /**
   * The earliest instant, in ms and not before `now`, at which it would admit `count` requests at once if no others
   * came; `Infinity` when it never admits as many.
   */
  freeAt(now: number, count: number): number;
  content(now: number): Content;
}

/** A window that opens with its first request and refills at once at its end. */
export class FixedWindow implements Window {
  readonly #limit: number;
  readonly #period: number;
  #used: number;
  #endsAt: number;

  /** Idle, unless its count and its end are given. */
  constructor(limit: number, period: number, used = 0, endsAt = Number.NEGATIVE_INFINITY) {
    this.#limit = limit;
    this.#period = period;
    this.#used = used;
    this.#endsAt = endsAt;
  }

  look(now: number): Admission {
    if (!this.#isOpen(now)) return { admitted: true, remaining: this.#limit, resetAt: now, retryAfter: 0 };
    const admitted = this.#used < this.#limit;
    return {
      admitted,
      remaining: Math.max(0, this.#limit - this.#used),
      resetAt: this.#endsAt,
      retryAfter: admitted ? 0 : this.#endsAt - now,
    };
  }

  hit(now: number): Admission {
    if (!this.#isOpen(now)) {
      this.#used = 0;
      this.#endsAt = now + this.#period;
    }
    const seen = this.look(now);
    if (!seen.admitted) return seen;
    this.#used += 1;
    return { ...seen, remaining: seen.remaining - 1 };
  }

  freeAt(now: number, count: number): number {
    if (count > this.#limit) return Number.POSITIVE_INFINITY;
    return this.#isOpen(now) && this.#used + count > this.#limit ? this.#endsAt : now;
  }

  content(now: number): Content {
    return this.#isOpen(now) ? { used: this.#used, endsAt: this.#endsAt } : { used: 0 };
  }

  #isOpen(now: number): boolean {
    return now < this.#endsAt - TOLERANCE;
  }
}

/** A leaky bucket: it admits a request while there is room for one whole unit. */
export class SlidingWindow implements Window {
  readonly #limit: number;
  /** Milliseconds in which one unit drains. */
  readonly #unit: number;
  #level: number;
  #levelAt: number;

  /** Idle, unless its level at an instant is given. */
  constructor(limit: number, period: number, level = 0, levelAt = Number.NEGATIVE_INFINITY) {
    this.#limit = limit;
    this.#unit = period / limit;
    this.#level = level;
    this.#levelAt = levelAt;
  }

  look(now: number): Admission {
    return this.#admission(now, this.#waitFor(1, now));
  }

  hit(now: number): Admission {
    const seen = this.look(now);
    if (!seen.admitted) return seen;
    this.#level += 1;
    return this.#admission(now, 0);
  }

  freeAt(now: number, count: number): number {
    return count > this.#limit ? Number.POSITIVE_INFINITY : now + this.#waitFor(count, now);
  }

  content(now: number): Content {
    this.#drain(now);
    return { used: this.#level };
  }

  /** Milliseconds until there is room for `count` requests. */
  #waitFor(count: number, now: number): number {
    this.#drain(now);
    const wait = (this.#level + count - this.#limit) * this.#unit;
    return wait > TOLERANCE ? wait : 0;
  }

  #admission(now: number, retryAfter: number): Admission {
    return {
      admitted: retryAfter === 0,
      remaining: Math.max(0, Math.floor(this.#limit - this.#level + TOLERANCE / this.#unit)),
      resetAt: now + this.#level * this.#unit,
      retryAfter,
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

/**
 * The counter that replaces another at `now` (ms), with all its content.
 *
 * - The requests counted so far stay counted. A new limit below them leaves no room until enough have expired.
 * - An open fixed window keeps its end; a new period applies from the next one.
 * - A sliding window drains at the new rate from now on.
 * - The count of a fixed window becomes the level of a sliding one. A level, rounded up to whole requests, becomes the
 *   count of a fixed window that opens now.
 */
export function changeWindow(old: Window, { window, limit, period }: Limits, now: number): Window {
  const { used, endsAt = now + period } = old.content(now);
  if (window === 'sliding') return new SlidingWindow(limit, period, used, now);
  // A level that floating point left a billionth above a whole number is that number.
  const counted = Math.ceil(used - TOLERANCE);
  return counted <= 0 ? new FixedWindow(limit, period) : new FixedWindow(limit, period, counted, endsAt);
}
