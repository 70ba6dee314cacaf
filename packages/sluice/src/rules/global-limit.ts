import type { Duration, LocalInstant } from './units.js';

/** The period of the global limit, which counts requests per second. */
export const GLOBAL_PERIOD: Duration = 1_000;

/**
 * The global limit of one authentication, as a set of slots. A request takes a slot, and the slot is free again one
 * second after the response. So two uses of one slot reach the server at least a second apart, and no second at the
 * server, wherever it begins, sees more requests than there are slots (docs/theory.md, The global limit).
 *
 * Several processes keep one limit together when each slot is owned by one process at a time.
 */
export class GlobalLimit {
  /** Requests per period. */
  readonly limit: number;
  readonly period: Duration;
  #owned: number;
  #inFlight = 0;
  /** Instants at which requests ended, oldest first: a ring buffer of at most `limit` entries. */
  readonly #ends: LocalInstant[] = [];
  #oldest = 0;
  #count = 0;

  constructor(limit: number, period: Duration = GLOBAL_PERIOD) {
    this.limit = limit;
    this.period = period;
    this.#owned = limit;
  }

  /** Slots that this process owns: all of them, unless it gave some away. */
  get owned(): number {
    return this.#owned;
  }

  /** Requests in flight. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests may be sent at `now`. */
  available(now: LocalInstant): number {
    while (this.#count > 0 && this.#endAt(0) + this.period <= now) this.#forgetOldest();
    return this.#owned - this.#inFlight - this.#count;
  }

  /** How long until one more request may be sent: 0 for now, `Infinity` when only a response can free a slot. */
  waitFor(now: LocalInstant): Duration {
    const available = this.available(now);
    if (available >= 1) return 0;
    return this.#count + available >= 1 ? this.#endAt(-available) + this.period - now : Number.POSITIVE_INFINITY;
  }

  /** Whether every slot that this process owns is free. */
  isIdle(now: LocalInstant): boolean {
    return this.available(now) === this.#owned && this.#inFlight === 0;
  }

  /** Takes a slot for a request that is sent. */
  take(): void {
    this.#inFlight++;
  }

  /** Records that a request ended at `now`: it reached the server by then, or never will. */
  end(now: LocalInstant): void {
    this.#inFlight--;
    this.#insert(now);
  }

  /** Gives back the slot of a request that was never sent. */
  giveBack(): void {
    this.#inFlight--;
  }

  /** Adds slots to those that this process owns. `freeIn` says in how many ms each is free. */
  own(freeIn: readonly Duration[], now: LocalInstant): void {
    this.#owned += freeIn.length;
    for (const wait of freeIn) if (wait > 0) this.#insert(now + wait - this.period);
  }

  /** Sets how many slots this process owns. Requests in flight keep theirs. */
  ownOnly(owned: number): void {
    this.#owned = owned;
  }

  /** Forgets requests that ended by `until`, because another process accounts for them. */
  forgetEnds(until: LocalInstant): void {
    while (this.#count > 0 && this.#endAt(0) <= until) this.#forgetOldest();
  }

  /** Gives away up to `count` slots, those that are free first. @returns In how many ms each is free. */
  giveAway(count: number, now: LocalInstant): Duration[] {
    const free = Math.max(0, this.available(now));
    const given: Duration[] = [];
    while (given.length < count && this.#owned > this.#inFlight) {
      const isFree = given.length < free;
      if (!isFree && this.#count === 0) break;
      given.push(isFree ? 0 : this.#endAt(0) + this.period - now);
      if (!isFree) this.#forgetOldest();
      this.#owned--;
    }
    return given;
  }

  /** Gives away up to `count` slots, those that were used last. @returns In how many ms each is free. */
  giveAwayUsed(count: number, now: LocalInstant): Duration[] {
    this.available(now);
    const given: Duration[] = [];
    while (given.length < count && this.#owned > this.#inFlight) {
      // Slots without a recorded end are free by now.
      given.push(this.#count > 0 ? this.#endAt(--this.#count) + this.period - now : 0);
      this.#owned--;
    }
    return given;
  }

  /** The last use of each slot that is not free at `now`, oldest first, if the requests in flight end by `lostAt`. */
  ends(now: LocalInstant, lostAt: LocalInstant): LocalInstant[] {
    this.available(now);
    const ended = Array.from({ length: this.#count }, (_, position) => this.#endAt(position));
    return [...ended, ...new Array<LocalInstant>(this.#inFlight).fill(lostAt)].sort((a, b) => a - b);
  }

  /** Restores the ends of earlier requests, oldest first. Of more ends than slots, the latest count. */
  restore(ends: readonly LocalInstant[]): void {
    for (const end of ends.slice(-this.limit)) this.#insert(end);
  }

  #insert(end: LocalInstant): void {
    // Of more ends than slots, the latest say when each slot is free.
    if (this.#count === this.limit) {
      if (end <= this.#endAt(0)) return;
      this.#forgetOldest();
    }
    let position = this.#count++;
    // A request from before a restart may end later than requests sent after it.
    for (; position > 0 && this.#endAt(position - 1) > end; position--) this.#set(position, this.#endAt(position - 1));
    this.#set(position, end);
  }

  #forgetOldest(): void {
    this.#oldest = (this.#oldest + 1) % this.limit;
    this.#count--;
  }

  #set(position: number, end: LocalInstant): void {
    this.#ends[(this.#oldest + position) % this.limit] = end;
  }

  #endAt(position: number): LocalInstant {
    return this.#ends[(this.#oldest + position) % this.limit] ?? Number.NEGATIVE_INFINITY;
  }
}
