import type { Duration, LocalInstant } from './units.js';

/** The global limit counts requests per second (facts part 5). */
export const GLOBAL_PERIOD: Duration = 1_000;

/**
 * The proactive global limit of one authentication. It is a set of slots: each is taken by a request and free again
 * one second after the answer to that request. Two uses of one slot thus reach the server at least a second apart,
 * and no second there, however it is cut, sees more requests than there are slots.
 */
export class GlobalLimit {
  /** Requests per second. */
  readonly limit: number;
  #inFlight = 0;
  /** Instants at which requests ended, oldest first: a ring of at most `limit` entries. */
  readonly #ends: LocalInstant[] = [];
  #oldest = 0;
  #count = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many requests may leave at `now`. */
  available(now: LocalInstant): number {
    while (this.#count > 0 && this.#endAt(0) + GLOBAL_PERIOD <= now) {
      this.#oldest = (this.#oldest + 1) % this.limit;
      this.#count--;
    }
    return this.limit - this.#inFlight - this.#count;
  }

  /** How long until one more may leave: 0 when it may now, `Infinity` when only an answer can make room. */
  waitFor(now: LocalInstant): Duration {
    if (this.available(now) >= 1) return 0;
    return this.#count > 0 ? this.#endAt(0) + GLOBAL_PERIOD - now : Number.POSITIVE_INFINITY;
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
    let position = this.#count++;
    // What was under way before a restart may end later than requests of after it.
    for (; position > 0 && this.#endAt(position - 1) > end; position--) this.#set(position, this.#endAt(position - 1));
    this.#set(position, end);
  }

  #set(position: number, end: LocalInstant): void {
    this.#ends[(this.#oldest + position) % this.limit] = end;
  }

  #endAt(position: number): LocalInstant {
    return this.#ends[(this.#oldest + position) % this.limit] ?? Number.NEGATIVE_INFINITY;
  }
}
