import type { ResponseLimits } from './headers.js';
import type { Duration, LocalInstant } from './units.js';

/** How many invalid responses an IP address may receive (docs/theory.md, Invalid requests, locks and bans). */
export interface InvalidRequestLimit {
  /** Invalid responses that are admitted in any period. `Infinity` counts them without a limit. */
  readonly limit: number;
  /** Length of a period, in ms. */
  readonly period: Duration;
  /** The fraction of the limit, at least 0 and below 1, that is reserved for other users of the address. */
  readonly margin: number;
}

/** The effect of one more invalid response. */
export interface InvalidAnswer {
  /** Invalid responses in the last period, including this one. */
  readonly count: number;
  /** The thresholds, in percent of the limit, that this response was the first to reach. */
  readonly crossed: readonly number[];
  /** Whether this response exhausts the limit, so that no request may be sent until older ones leave the period. */
  readonly isLast: boolean;
}

/** A number of invalid responses that are counted at one instant. */
export interface InvalidCount {
  readonly at: LocalInstant;
  readonly count: number;
}

/** Percentages of the limit that are reported when the count reaches them. */
const THRESHOLDS = [10, 50, 80, 95];

/** Slots per period. More slots take more memory; fewer make each response count for longer than a period. */
const SLOTS = 60;

/**
 * Whether a response counts as an invalid request: a 401, a 403, and every 429 whose scope is not `shared`
 * (docs/theory.md, Invalid requests, locks and bans). Cloudflare's own 429 counts as well, because nothing says that it
 * does not.
 */
export function isInvalid({ status, scope }: Pick<ResponseLimits, 'status' | 'scope'>): boolean {
  return status === 401 || status === 403 || (status === 429 && scope !== 'shared');
}

/**
 * The invalid requests of one IP address in the last period.
 *
 * Nobody documents where the server's periods begin, so the count is a sliding one: no period, wherever it begins, sees
 * more than the limit. Responses are counted in coarse slots, which keeps memory constant; a response counts for up to
 * a sixtieth of a period too long, and never too short. Each request in flight counts as if it became invalid.
 * docs/theory.md (Invalid requests, locks and bans) proves that this is safe for any network delay.
 */
export class InvalidRequests {
  /** The limit without the margin, for responses and requests in flight together. */
  readonly #most: number;
  readonly #limit: number;
  readonly #slotLength: Duration;
  /** A ring buffer: the slot with number n, counted from instant 0, is at n modulo the length. */
  readonly #slots: number[];
  #newestSlot = Number.NEGATIVE_INFINITY;
  /** The part of each slot that other processes counted. */
  readonly #others: number[];
  #count = 0;
  #inFlight = 0;
  /** How many processes share the limit. Each reserves as much room for every other process as it uses itself. */
  #processes = 1;

  constructor({ limit, period, margin }: InvalidRequestLimit) {
    this.#limit = limit;
    this.#most = Math.max(1, Math.floor(limit * (1 - margin)));
    // Whole milliseconds, so that each slot ends exactly where the next one begins.
    this.#slotLength = Math.ceil(period / SLOTS);
    // One slot more than a period has, because the oldest slot counts until its end.
    this.#slots = new Array<number>(Math.ceil(period / this.#slotLength) + 1).fill(0);
    this.#others = [...this.#slots];
  }

  /** Invalid responses in the last period. */
  count(now: LocalInstant): number {
    this.#forget(now);
    return this.#count;
  }

  /** Whether one more request may be sent. */
  admits(now: LocalInstant): boolean {
    // Responses that are too old can only make the count too high, so the first check needs no clean-up.
    const inFlight = this.#inFlight * this.#processes;
    return this.#count + inFlight < this.#most || this.count(now) + inFlight < this.#most;
  }

  /** Replaces the counts of other processes, and sets how many processes there are. */
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

  /** Adds responses that other processes have counted since. */
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

  /**
   * Until when no request may be sent, whatever the responses to those in flight; `-Infinity` when there is room, or
   * when it depends on those responses.
   */
  heldUntil(now: LocalInstant): LocalInstant {
    return this.#leftAt(this.count(now) - this.#most + 1);
  }

  /**
   * When one more request may be sent if every request in flight becomes invalid; `Infinity` when the requests in
   * flight alone exhaust the limit.
   */
  roomAt(now: LocalInstant): LocalInstant {
    return this.#leftAt(this.count(now) + this.#inFlight * this.#processes - this.#most + 1);
  }

  /** Records that a request is sent. */
  take(): void {
    this.#inFlight++;
  }

  /** Records that a request ended with a valid response, or without one. */
  end(): void {
    this.#inFlight--;
  }

  /** Records that a request ended with an invalid response. */
  endInvalid(now: LocalInstant): InvalidAnswer {
    this.#inFlight--;
    const before = this.count(now);
    const count = ++this.#count;
    const index = this.#index(this.#newestSlot);
    this.#slots[index] = (this.#slots[index] ?? 0) + 1;
    const crossed = THRESHOLDS.filter((percent) => this.#percent(before) < percent && this.#percent(count) >= percent);
    return { count, crossed, isLast: count === this.#most };
  }

  /** The invalid responses in the last period, each at the latest instant at which it may have been received. */
  counted(now: LocalInstant): InvalidCount[] {
    this.#forget(now);
    const counted: InvalidCount[] = [];
    for (let slot = this.#newestSlot - this.#slots.length + 1; slot <= this.#newestSlot; slot++) {
      const count = this.#slots[this.#index(slot)] ?? 0;
      if (count > 0) counted.push({ at: Math.min(now, (slot + 1) * this.#slotLength), count });
    }
    return counted;
  }

  /** Restores counts from before a restart. Several managers that counted the same responses may each restore them. */
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

  /** When at least `surplus` of the counted responses will have left the period. */
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
