import type { Arrival } from './journal.js';

const WRITES: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** The statuses that Discord counts as invalid requests (facts, part 6). */
const INVALID: ReadonlySet<number> = new Set([401, 403, 429]);

/** How many requests arrived, and what became of them. */
export interface RouteStatistics {
  readonly arrivals: number;
  readonly admitted: number;
  /** Requests answered 429, by the scope of the answer. */
  readonly refused: { readonly user: number; readonly global: number };
}

/** Counts over all requests since the start or the last reset. */
export interface Statistics extends RouteStatistics {
  /** Requests answered 404 because no rule fits them. */
  readonly unknownRoutes: number;
  /** Answers of status 401, 403 or 429. */
  readonly invalidRequests: number;
  /**
   * Writes (POST, PUT, PATCH, DELETE) with a mark that arrived in their counter after a write of a higher mark. A
   * refused request has arrived too; routes whose requests are not counted have no order.
   */
  readonly reordered: number;
  /** By method and path template: `POST /channels/{channel}/messages`. */
  readonly byRoute: Readonly<Record<string, RouteStatistics>>;
}

interface Tally {
  arrivals: number;
  admitted: number;
  refused: { user: number; global: number };
}

/** Counts arrivals as they come, so that the journal may forget them. */
export class StatisticsRecorder {
  readonly #total = emptyTally();
  readonly #byRoute = new Map<string, Tally>();
  readonly #highestMarks = new Map<string, number>();
  #unknownRoutes = 0;
  #invalidRequests = 0;
  #reordered = 0;

  /** @param status - the status of the answer */
  record(arrival: Arrival, status: number): void {
    count(this.#total, arrival);
    if (arrival.route !== null) count(this.#tallyOf(`${arrival.method} ${arrival.route}`), arrival);
    if (arrival.verdict === 'unknown-route') this.#unknownRoutes += 1;
    if (INVALID.has(status)) this.#invalidRequests += 1;
    this.#recordOrder(arrival);
  }

  /** The counts up to now, which later arrivals do not change. */
  snapshot(): Statistics {
    return {
      ...structuredClone(this.#total),
      unknownRoutes: this.#unknownRoutes,
      invalidRequests: this.#invalidRequests,
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

  #recordOrder({ method, counter, mark }: Arrival): void {
    if (counter === null || mark === null || !WRITES.has(method)) return;
    const highest = this.#highestMarks.get(counter);
    if (highest !== undefined && mark < highest) this.#reordered += 1;
    else this.#highestMarks.set(counter, mark);
  }
}

function emptyTally(): Tally {
  return { arrivals: 0, admitted: 0, refused: { user: 0, global: 0 } };
}

function count(tally: Tally, { verdict }: Arrival): void {
  tally.arrivals += 1;
  if (verdict === 'admitted') tally.admitted += 1;
  else if (verdict !== 'unknown-route') tally.refused[verdict] += 1;
}
