import type { Duration, LocalInstant } from './units.js';

/** The global limit counts requests per second (facts part 5). */
export const GLOBAL_PERIOD: Duration = 1_000;

/**
 * The proactive global limit of one authentication. It is a set of slots: each is taken by a request and free again
 * one second after the answer to that request. Two uses of one slot thus reach the server at least a second apart,
 * and no second there, however it is cut, sees more requests than there are slots.
 *
 * Several processes keep one limit if each slot is one process' at a time: then it uses those it owns.
 */
export class GlobalLimit {
  /** Requests per period. */
  readonly limit: number;
  readonly period: Duration;
  /** Slots that are ours. */
  #owned: number;
  #inFlight = 0;
  /** Instants at which requests ended, oldest first: a ring of at most `limit` entries. */
  readonly #ends: LocalInstant[] = [];
  #oldest = 0;
  #count = 0;

  constructor(limit: number, period: Duration = GLOBAL_PERIOD) {
    this.limit = limit;
    this.period = period;
    this.#owned = limit;
  }

  /** Slots that are ours; all of them unless some were given away. */
  get owned(): number {
    return this.#owned;
  }

  /** Requests under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests may leave at `now`. */
  available(now: LocalInstant): number {
    while (this.#count > 0 && this.#endAt(0) + this.period <= now) this.#forgetOldest();
    return this.#owned - this.#inFlight - this.#count;
  }

  /** How long until one more may leave: 0 when it may now, `Infinity` when only an answer can make room. */
  waitFor(now: LocalInstant): Duration {
    const available = this.available(now);
    if (available >= 1) return 0;
    return this.#count + available >= 1 ? this.#endAt(-available) + this.period - now : Number.POSITIVE_INFINITY;
  }

  /** Whether every slot that is ours is free. */
  isIdle(now: LocalInstant): boolean {
    return this.available(now) === this.#owned && this.#inFlight === 0;
  }

  /** A request leaves. */
  take(): void {
    this.#inFlight++;
  }

  /** A request ended at `now`: it reached the server by then, or never will. */
  end(now: LocalInstant): void {
    this.#inFlight--;
    this.#insert(now);
  }

  /** A request that was to leave never did. */
  giveBack(): void {
    this.#inFlight--;
  }

  /** Slots become ours, each of them free in so many ms. */
  own(freeIn: readonly Duration[], now: LocalInstant): void {
    this.#owned += freeIn.length;
    for (const wait of freeIn) if (wait > 0) this.#insert(now + wait - this.period);
  }

  /** Nothing but so many slots is ours; what is in flight counts in them. */
  ownOnly(owned: number): void {
    this.#owned = owned;
  }

  /** Forgets what ended by `until`: somebody else reckons with it. */
  forgetEnds(until: LocalInstant): void {
    while (this.#count > 0 && this.#endAt(0) <= until) this.#forgetOldest();
  }

  /** Gives away up to so many slots, those that are free soonest; returns in how many ms each is free. */
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

  /** Gives away up to so many of the slots that were used last; returns in how many ms each is free. */
  giveAwayUsed(count: number, now: LocalInstant): Duration[] {
    this.available(now);
    const given: Duration[] = [];
    while (given.length < count && this.#owned > this.#inFlight) {
      // What was used longer ago is free by now.
      given.push(this.#count > 0 ? this.#endAt(--this.#count) + this.period - now : 0);
      this.#owned--;
    }
    return given;
  }

  /** When each slot that is not free at `now` was used last, should those in flight end by `lostAt`; oldest first. */
  ends(now: LocalInstant, lostAt: LocalInstant): LocalInstant[] {
    this.available(now);
    const ended = Array.from({ length: this.#count }, (_, position) => this.#endAt(position));
    return [...ended, ...new Array<LocalInstant>(this.#inFlight).fill(lostAt)].sort((a, b) => a - b);
  }

  /** Reckons with requests of before, whose ends are given oldest first; of more than there are slots, the latest. */
  restore(ends: readonly LocalInstant[]): void {
    for (const end of ends.slice(-this.limit)) this.#insert(end);
  }

  #insert(end: LocalInstant): void {
    // Of more ends than there are slots, the latest say when each of them is free.
    if (this.#count === this.limit) this.#forgetOldest();
    let position = this.#count++;
    // What was under way before a restart may end later than requests of after it.
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
