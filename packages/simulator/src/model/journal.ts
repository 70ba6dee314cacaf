import type { FaultKind } from './faults.js';

/**
 * What became of a request.
 *
 * - `admitted`: no limit refused it.
 * - `user`, `global`: refused by its bucket or by the global limit, with 429.
 * - `sub-limit`, `shared`, `hidden`: refused by a limit that no header shows, with 429.
 * - `banned`: answered 429 by Cloudflare, as its address made too many invalid requests.
 * - `unauthorized`: answered 401, as its token is invalid.
 * - `unknown-route`: answered 404, as no rule fits it.
 * - `failed`: a fault answered it, and no limit counted it.
 * - `unreached`: a fault ended its connection before it arrived. It is in no journal.
 */
export type Verdict =
  | 'admitted'
  | 'user'
  | 'global'
  | 'sub-limit'
  | 'shared'
  | 'hidden'
  | 'banned'
  | 'unauthorized'
  | 'unknown-route'
  | 'failed'
  | 'unreached';

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
  /** The sub-limits that hold for it, by their fields; left out when there are none. */
  readonly subLimits?: readonly string[];
  /** What went wrong with it; left out when nothing did. */
  readonly fault?: FaultKind;
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
