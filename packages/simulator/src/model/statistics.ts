import type { FaultKind } from './faults.js';
import type { Arrival, Verdict } from './journal.js';
import { isWrite } from './write-methods.js';

/** The number of requests that arrived, by the decision about them. */
export interface RouteStatistics {
  readonly arrivals: number;
  readonly admitted: number;
  /** Requests answered 429 by their bucket (`user`) or by the global limit. */
  readonly refused: { readonly user: number; readonly global: number };
  /** Requests answered 429 by limits that no header shows. */
  readonly refusedUnseen: { readonly subLimit: number; readonly shared: number; readonly hidden: number };
}

/** Counts of all requests since the start or the last reset. */
export interface Statistics extends RouteStatistics {
  /** Requests answered 404 because no rule matches them. */
  readonly unknownRoutes: number;
  /** Requests answered 401 because their token is invalid. */
  readonly unauthorized: number;
  /** Requests answered by Cloudflare because their address was banned. */
  readonly banned: number;
  /** Responses of status 401, 403 or 429, except those of scope `shared` and those to banned addresses. */
  readonly invalidRequests: number;
  /** Requests that a fault struck, by its kind. Those of kind `refuse` are not arrivals. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /**
   * Writes (POST, PUT, PATCH, DELETE) with a mark that arrived in their counter after a write of a higher mark, unless
   * a sub-limit may have held them that does not apply to the other write. A refused request has arrived, too. Routes
   * whose requests are not counted have no order.
   */
  readonly reordered: number;
  /** By method and path template: `POST /channels/{channel}/messages`. */
  readonly byRoute: Readonly<Record<string, RouteStatistics>>;
}

interface Tally {
  arrivals: number;
  admitted: number;
  refused: { user: number; global: number };
  refusedUnseen: { subLimit: number; shared: number; hidden: number };
}

/** Counts arrivals as they come, so that the journal may forget them. */
export class StatisticsRecorder {
  readonly #total = emptyTally();
  readonly #byRoute = new Map<string, Tally>();
  readonly #orders = new Map<string, WriteOrder>();
  readonly #verdicts = new Map<Verdict, number>();
  readonly #faults = new Map<FaultKind, number>();
  #invalidRequests = 0;
  #reordered = 0;

  /** @param isInvalid - whether the response counts as an invalid request */
  record(arrival: Arrival, isInvalid: boolean): void {
    count(this.#total, arrival);
    if (arrival.route !== null) count(this.#tallyOf(`${arrival.method} ${arrival.route}`), arrival);
    increment(this.#verdicts, arrival.verdict);
    if (isInvalid) this.#invalidRequests += 1;
    this.#recordOrder(arrival);
  }

  recordFault(kind: FaultKind): void {
    increment(this.#faults, kind);
  }

  /** The counts up to now. Later arrivals do not change them. */
  snapshot(): Statistics {
    return {
      ...structuredClone(this.#total),
      unknownRoutes: this.#verdicts.get('unknown-route') ?? 0,
      unauthorized: this.#verdicts.get('unauthorized') ?? 0,
      banned: this.#verdicts.get('banned') ?? 0,
      invalidRequests: this.#invalidRequests,
      faults: Object.fromEntries(this.#faults),
      reordered: this.#reordered,
      byRoute: structuredClone(Object.fromEntries(this.#byRoute)),
    };
  }

  #tallyOf(route: string): Tally {
    let tally = this.#byRoute.get(route);
    if (tally === undefined) {
      tally = emptyTally();
      this.#byRoute.set(route, tally);
    }
    return tally;
  }

  #recordOrder({ method, counter, mark, subLimits = [] }: Arrival): void {
    if (counter === null || mark === null || !isWrite(method)) return;
    const order = this.#orders.get(counter) ?? new WriteOrder();
    this.#orders.set(counter, order);
    if (!order.add(mark, subLimits)) this.#reordered += 1;
  }
}

/** The writes of one counter in the order of their arrival. */
class WriteOrder {
  /** The highest mark that arrived, by the sub-limits that applied to it. */
  readonly #highest = new Map<string, { readonly mark: number; readonly subLimits: readonly string[] }>();

  /** Whether a write is in order. */
  add(mark: number, subLimits: readonly string[]): boolean {
    const overtakers = [...this.#highest.values()].filter((write) => write.mark > mark);
    const key = subLimits.join(' ');
    const own = this.#highest.get(key);
    if (own === undefined || own.mark < mark) this.#highest.set(key, { mark, subLimits });
    return overtakers.every((write) => subLimits.some((name) => !write.subLimits.includes(name)));
  }
}

function emptyTally(): Tally {
  return {
    arrivals: 0,
    admitted: 0,
    refused: { user: 0, global: 0 },
    refusedUnseen: { subLimit: 0, shared: 0, hidden: 0 },
  };
}

function count(tally: Tally, { verdict }: Arrival): void {
  tally.arrivals += 1;
  if (verdict === 'admitted') tally.admitted += 1;
  else if (verdict === 'user' || verdict === 'global') tally.refused[verdict] += 1;
  else if (verdict === 'shared' || verdict === 'hidden') tally.refusedUnseen[verdict] += 1;
  else if (verdict === 'sub-limit') tally.refusedUnseen.subLimit += 1;
}

function increment<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
