import type { ResponseLimits } from './headers.js';
import type { Duration, LocalInstant } from './units.js';

/** How many invalid answers an IP address may have (facts part 6). */
export interface InvalidRequestLimit {
  /** Invalid answers that are admitted in any period. `Infinity` only counts. */
  readonly limit: number;
  /** Length of a period, in ms. */
  readonly period: Duration;
  /** The part of the limit, at least 0 and below 1, that is left to others who use the address. */
  readonly margin: number;
}

/** What one more invalid answer meant. */
export interface InvalidAnswer {
  /** Invalid answers of the last period, this one included. */
  readonly count: number;
  /** The thresholds, in percent of the limit, that it was the first to reach. */
  readonly crossed: readonly number[];
  /** Whether from now on nothing may leave, until older ones have left the period. */
  readonly isLast: boolean;
}

/** Invalid answers that are counted together. */
export interface InvalidCount {
  readonly at: LocalInstant;
  readonly count: number;
}

/** Percentages of the limit at which it is worth telling (design section 5). */
const THRESHOLDS = [10, 50, 80, 95];

/** Parts of a period in which answers are counted together; memory against the time that one counts for too long. */
const SLOTS = 60;

/**
 * Whether an answer counts as an invalid request: 401, 403, and every 429 that is not of scope shared (facts part 6).
 * Cloudflare's own 429 counts, too: nothing says that it does not.
 */
export function isInvalid({ status, scope }: Pick<ResponseLimits, 'status' | 'scope'>): boolean {
  return status === 401 || status === 403 || (status === 429 && scope !== 'shared');
}

/**
 * The invalid requests of one IP address in the last period.
 *
 * How the server cuts its periods is not known, so no period, wherever it begins, may see more than the limit: the
 * count is a sliding one. Answers are counted in coarse slots, so that memory is constant; one counts for up to a
 * sixtieth of a period too long, never too short. All that is in flight is reckoned as if it became invalid. It is
 * safe for any delay: of the invalid requests in a period at the server, consider the one that left last. When it
 * left, each other one was in flight, or answered within the period before, and so it was counted.
 */
export class InvalidRequests {
  /** How many, counted and in flight, may be at once. */
  readonly #most: number;
  readonly #limit: number;
  readonly #slotLength: Duration;
  /** A ring: slot n of all time is at n modulo its length. */
  readonly #slots: number[];
  #newestSlot = Number.NEGATIVE_INFINITY;
  /** Of these, what other processes have counted. */
  readonly #others: number[];
  #count = 0;
  #inFlight = 0;
  /** How many processes share the limit: each leaves as much room for every other as it takes for itself. */
  #processes = 1;

  constructor({ limit, period, margin }: InvalidRequestLimit) {
    this.#limit = limit;
    this.#most = Math.max(1, Math.floor(limit * (1 - margin)));
    // Whole milliseconds, so that the end of a slot is exactly where the next begins.
    this.#slotLength = Math.ceil(period / SLOTS);
    // One more than a period has, as the oldest counts until its end.
    this.#slots = new Array<number>(Math.ceil(period / this.#slotLength) + 1).fill(0);
    this.#others = [...this.#slots];
  }

  /** Invalid answers of the last period. */
  count(now: LocalInstant): number {
    this.#forget(now);
    return this.#count;
  }

  /** Whether one more request may leave. */
  admits(now: LocalInstant): boolean {
    // What is too old makes the count too high at worst.
    const inFlight = this.#inFlight * this.#processes;
    return this.#count + inFlight < this.#most || this.count(now) + inFlight < this.#most;
  }

  /** What other processes have counted, in place of what was told before, and how many processes there are. */
  setOthers(counted: readonly InvalidCount[], processes: number, now: LocalInstant): void {
    this.#forget(now);
    for (const [index, count] of this.#others.entries()) {
      this.#slots[index] = (this.#slots[index] ?? 0) - count;
      this.#count -= count;
    }
    this.#others.fill(0);
    this.#processes = Math.max(1, processes);
    this.addOthers(counted, now);
  }

  /** What other processes have counted since. */
  addOthers(counted: readonly InvalidCount[], now: LocalInstant): void {
    this.#forget(now);
    for (const { at, count } of counted) {
      const slot = Math.floor(Math.min(at, now) / this.#slotLength);
      if (slot <= this.#newestSlot - this.#slots.length) continue;
      const index = this.#index(slot);
      this.#slots[index] = (this.#slots[index] ?? 0) + count;
      this.#others[index] = (this.#others[index] ?? 0) + count;
      this.#count += count;
    }
  }

  /** Until when nothing may leave, whatever the answers to those in flight: `-Infinity` when they matter. */
  heldUntil(now: LocalInstant): LocalInstant {
    return this.#leftAt(this.count(now) - this.#most + 1);
  }

  /** When one more may leave if those in flight end as badly as they can; `Infinity` when they alone fill the limit. */
  roomAt(now: LocalInstant): LocalInstant {
    return this.#leftAt(this.count(now) + this.#inFlight * this.#processes - this.#most + 1);
  }

  /** A request leaves. */
  take(): void {
    this.#inFlight++;
  }

  /** A request ended with a valid answer, or without any. */
  end(): void {
    this.#inFlight--;
  }

  /** A request ended with an invalid answer. */
  endInvalid(now: LocalInstant): InvalidAnswer {
    this.#inFlight--;
    const before = this.count(now);
    const count = ++this.#count;
    const index = this.#index(this.#newestSlot);
    this.#slots[index] = (this.#slots[index] ?? 0) + 1;
    const crossed = THRESHOLDS.filter((percent) => this.#percent(before) < percent && this.#percent(count) >= percent);
    return { count, crossed, isLast: count === this.#most };
  }

  /** The invalid answers of the last period, counted at the latest instants at which they may have come. */
  counted(now: LocalInstant): InvalidCount[] {
    this.#forget(now);
    const counted: InvalidCount[] = [];
    for (let slot = this.#newestSlot - this.#slots.length + 1; slot <= this.#newestSlot; slot++) {
      const count = this.#slots[this.#index(slot)] ?? 0;
      if (count > 0) counted.push({ at: Math.min(now, (slot + 1) * this.#slotLength), count });
    }
    return counted;
  }

  /** Reckons with what was counted before a restart; several who counted the same may each restore it. */
  restore(counted: readonly InvalidCount[], now: LocalInstant): void {
    this.#forget(now);
    const slots = new Map<number, number>();
    for (const { at, count } of counted) {
      const slot = Math.floor(Math.min(at, now) / this.#slotLength);
      slots.set(slot, (slots.get(slot) ?? 0) + count);
    }
    for (const [slot, count] of slots) this.#raise(slot, count);
  }

  #raise(slot: number, count: number): void {
    if (slot <= this.#newestSlot - this.#slots.length) return;
    const before = this.#slots[this.#index(slot)] ?? 0;
    this.#slots[this.#index(slot)] = Math.max(before, count);
    this.#count += Math.max(0, count - before);
  }

  #percent(count: number): number {
    return (count * 100) / this.#limit;
  }

  /** When at least so many of those counted will have left the period. */
  #leftAt(surplus: number): LocalInstant {
    if (surplus <= 0) return Number.NEGATIVE_INFINITY;
    if (surplus > this.#count) return Number.POSITIVE_INFINITY;
    let left = 0;
    for (let age = this.#slots.length - 1; age >= 0; age--) {
      const slot = this.#newestSlot - age;
      left += this.#slots[this.#index(slot)] ?? 0;
      if (left >= surplus) return (slot + this.#slots.length) * this.#slotLength;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Empties the slots that have left the period. */
  #forget(now: LocalInstant): void {
    const slot = Math.floor(now / this.#slotLength);
    const passed = Math.min(slot - this.#newestSlot, this.#slots.length);
    for (let age = 0; age < passed; age++) {
      const index = this.#index(slot - age);
      this.#count -= this.#slots[index] ?? 0;
      this.#slots[index] = 0;
      this.#others[index] = 0;
    }
    this.#newestSlot = Math.max(this.#newestSlot, slot);
  }

  #index(slot: number): number {
    const { length } = this.#slots;
    return ((slot % length) + length) % length;
  }
}
