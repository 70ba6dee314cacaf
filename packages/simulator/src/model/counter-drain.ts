import type { Journey } from '../network-delay.js';
import { Counter, type CounterPlan } from './counter.js';
import { TOLERANCE } from './tolerance.js';
import type { Admission, WindowKind } from './window.js';

/** Times in a row without room after which others are assumed to leave none for ever. */
const PATIENCE = 10_000;

/** Whether requests leave one after another, each after the response to the one before. */
export type Concurrency = 'serial' | 'parallel';

/** A request in flight, with the instants of its arrival and its response, in ms. */
interface Flight {
  readonly journey: Journey;
  readonly arrival: number;
  readonly answer: number;
  /** The counter's decision; `undefined` until the client can know that the request arrived. */
  admission?: Admission;
}

/**
 * The time in ms until all requests of one counter are answered. The client sends each request as early as possible. It
 * knows the limits, but not the delays of requests and responses.
 *
 * Such a client sees the server late: by the delay of the quickest response that it has learned from. It has to
 * assume that any request in flight may still be counted. The delays of all requests are drawn beforehand.
 *
 * @returns `Infinity` where others leave no room for ever
 */
export function drainTime(plan: CounterPlan, journeys: readonly Journey[], concurrency: Concurrency): number {
  return new CounterDrain(plan, journeys, concurrency).run();
}

class CounterDrain {
  readonly #counter: Counter;
  readonly #window: WindowKind;
  readonly #isSerial: boolean;
  readonly #waiting: Journey[];
  #flights: Flight[] = [];
  #now = 0;
  /** The server's instant up to which the client knows the counter. It knows the counter at the start. */
  #seen = 0;
  /** The lag with which the client sees the server; `undefined` before the first response. */
  #lag: number | undefined;
  #newestReset = Number.NEGATIVE_INFINITY;
  #patience = PATIENCE;

  constructor(plan: CounterPlan, journeys: readonly Journey[], concurrency: Concurrency) {
    this.#counter = new Counter(plan, 0);
    this.#window = plan.limits.window;
    this.#isSerial = concurrency === 'serial';
    this.#waiting = [...journeys];
  }

  run(): number {
    while (this.#waiting.length + this.#flights.length > 0) {
      const freeAt = this.#freeAt();
      if (freeAt <= this.#seen) this.#send();
      else this.#waitUntil(freeAt);
      if (this.#patience === 0) return Number.POSITIVE_INFINITY;
    }
    return this.#now;
  }

  /** The server's instant at which there is room for one more request besides those that may still arrive. */
  #freeAt(): number {
    const mustWait = this.#waiting.length === 0 || (this.#isSerial && this.#flights.length > 0);
    if (mustWait) return Number.POSITIVE_INFINITY;
    const unseen = this.#flights.filter(({ admission }) => admission === undefined).length;
    return this.#counter.freeAt(this.#seen, unseen + 1);
  }

  #send(): void {
    const journey = this.#waiting.shift();
    if (journey === undefined) return;
    const arrival = this.#now + journey.there;
    this.#flights.push({ journey, arrival, answer: arrival + journey.back });
    this.#flights.sort((a, b) => a.answer - b.answer);
  }

  /** The time until the client sees the server reach an instant, or until a response comes, whichever is first. */
  #waitUntil(instant: number): void {
    const [next] = this.#flights;
    // Before the first response, time alone teaches the client nothing, unless no request is in flight.
    const lag = this.#lag ?? (next === undefined ? 0 : Number.POSITIVE_INFINITY);
    if (next !== undefined && next.answer <= instant + lag) {
      this.#receive(next);
      return;
    }
    this.#now = Math.max(this.#now, instant + lag);
    this.#see(instant);
    this.#patience -= 1;
  }

  #receive(flight: Flight): void {
    this.#now = flight.answer;
    this.#see(flight.arrival);
    const { admitted, resetAt } = flight.admission ?? this.#count(flight);
    this.#flights = this.#flights.filter((other) => other !== flight);
    this.#learnLag(resetAt, flight.journey.back);
    this.#see(this.#now - (this.#lag ?? 0));
    this.#patience = admitted ? PATIENCE : this.#patience - 1;
    if (!admitted) this.#waiting.unshift(flight.journey);
  }

  /**
   * All responses of one fixed window tell the same reset, and the quickest tells it best. The next window has a new
   * reset. A sliding window drains without a pause while requests wait, so the quickest response so far remains the
   * best.
   */
  #learnLag(resetAt: number, back: number): void {
    const isNews = this.#window === 'fixed' && resetAt > this.#newestReset + TOLERANCE;
    const isOld = this.#window === 'fixed' && resetAt < this.#newestReset - TOLERANCE;
    if (isNews || this.#lag === undefined) this.#lag = back;
    else if (!isOld) this.#lag = Math.min(this.#lag, back);
    this.#newestReset = Math.max(this.#newestReset, resetAt);
  }

  /** Lets the server count, in order, the requests that have arrived by an instant. Counts that were seen stay seen. */
  #see(instant: number): void {
    const arrived = this.#flights.filter(({ arrival, admission }) => admission === undefined && arrival <= instant);
    for (const flight of arrived.sort((a, b) => a.arrival - b.arrival)) this.#count(flight);
    this.#seen = Math.max(this.#seen, instant);
  }

  #count(flight: Flight): Admission {
    flight.admission = this.#counter.hit(flight.arrival);
    return flight.admission;
  }
}
