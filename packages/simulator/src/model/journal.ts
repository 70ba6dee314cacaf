/**
 * What became of a request: `admitted`; refused by its bucket (`user`) or by the global limit (`global`), both with 429;
 * or answered 404 because no rule fits it (`unknown-route`).
 */
export type Verdict = 'admitted' | 'user' | 'global' | 'unknown-route';

/** One request, as it arrived at the model. */
export interface Arrival {
  /** The instant of arrival, in ms on the axis given to the model. */
  readonly time: number;
  readonly method: string;
  /** The path template of its rule; `null` when no rule fits. */
  readonly route: string | null;
  /** The key of its counter, in which tokens are digests; `null` where requests are not counted. */
  readonly counter: string | null;
  readonly verdict: Verdict;
  /** The place in the client's own order, if the client gave one. */
  readonly mark: number | null;
}

/** The newest arrivals, up to a capacity. */
export class Journal {
  readonly #capacity: number;
  #arrivals: Arrival[] = [];
  #oldest = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(arrival: Arrival): void {
    if (this.#capacity === 0) return;
    if (this.#arrivals.length < this.#capacity) {
      this.#arrivals.push(arrival);
      return;
    }
    this.#arrivals[this.#oldest] = arrival;
    this.#oldest = (this.#oldest + 1) % this.#capacity;
  }

  /** A copy of what is kept, oldest first. */
  entries(): Arrival[] {
    return [...this.#arrivals.slice(this.#oldest), ...this.#arrivals.slice(0, this.#oldest)];
  }

  clear(): void {
    this.#arrivals = [];
    this.#oldest = 0;
  }
}
