import type { FaultKind } from './faults.js';

/**
 * The decision about a request.
 *
 * - `admitted`: no limit refused the request.
 * - `user`, `global`: its bucket or the global limit refused it, with 429.
 * - `sub-limit`, `shared`, `hidden`: a limit that no header shows refused it, with 429.
 * - `banned`: Cloudflare answered 429, because the address made too many invalid requests.
 * - `unauthorized`: the response is 401, because the token is invalid.
 * - `unknown-route`: the response is 404, because no rule matches.
 * - `failed`: a fault answered the request, and no limit counted it.
 * - `unreached`: a fault ended the connection before the request arrived. The journal has no entry.
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
  /** The path template of the request's rule; `null` when no rule matches. */
  readonly route: string | null;
  /** The key of the request's counter, with digests in place of tokens; `null` where requests are not counted. */
  readonly counter: string | null;
  readonly verdict: Verdict;
  /** The place in the client's order, if the client gave one. */
  readonly mark: number | null;
  /** The sub-limits that apply to the request, by their fields; left out when there are none. */
  readonly subLimits?: readonly string[];
  /** The fault that struck the request; left out when there was none. */
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

  /** A copy of the kept arrivals, oldest first. */
  entries(): Arrival[] {
    return [...this.#arrivals.slice(this.#oldest), ...this.#arrivals.slice(0, this.#oldest)];
  }

  clear(): void {
    this.#arrivals = [];
    this.#oldest = 0;
  }
}
