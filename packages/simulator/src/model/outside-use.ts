/**
 * Requests of others, which the client under test does not see: another process with the same token or, for a shared
 * limit, other bots. They use a counter like requests. A use without room is refused and not repeated.
 */
export interface OutsideUse {
  /** The instant of the first request, in ms since the start. */
  readonly at: number;
  /** Milliseconds from request to request, above 0. Default: all come at once. */
  readonly every?: number;
  /** The number of requests. Default: 1 without `every`, unlimited with it. */
  readonly count?: number;
  /** No request comes after this instant, in ms since the start. Default: never. */
  readonly until?: number;
}

/** The instants of outside requests, sorted. */
export class OutsideSchedule {
  readonly #series: readonly Series[];

  /** @param start - the instant from which the uses count, in ms */
  constructor(uses: readonly OutsideUse[], start: number) {
    this.#series = uses.map((use) => new Series(use, start));
  }

  /** Takes the instants up to `now` that have not been taken yet. */
  takeUntil(now: number): number[] {
    const due = this.#series.flatMap((series) => series.takeUntil(now));
    return due.sort((a, b) => a - b);
  }
}

class Series {
  readonly #first: number;
  readonly #every: number;
  readonly #count: number;
  readonly #until: number;
  #taken = 0;

  constructor({ at, every, count, until = Number.POSITIVE_INFINITY }: OutsideUse, start: number) {
    this.#first = start + at;
    this.#every = every ?? 0;
    this.#count = count ?? (every === undefined ? 1 : Number.POSITIVE_INFINITY);
    this.#until = start + until;
  }

  takeUntil(now: number): number[] {
    const instants: number[] = [];
    for (let next = this.#next(); next <= now; next = this.#next()) {
      instants.push(next);
      this.#taken += 1;
    }
    return instants;
  }

  #next(): number {
    const next = this.#first + this.#taken * this.#every;
    return this.#taken < this.#count && next <= this.#until ? next : Number.POSITIVE_INFINITY;
  }
}
