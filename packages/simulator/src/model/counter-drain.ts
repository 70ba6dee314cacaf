import type { Journey } from '../network-delay.js';
import { Counter, type CounterPlan } from './counter.js';
import { TOLERANCE } from './tolerance.js';
import type { Admission, WindowKind } from './window.js';

/** Times in a row that a client may find no room before others are taken to leave it none for ever. */
const PATIENCE = 10_000;

/** Whether requests leave one after another, each after the answer to the one before. */
export type Concurrency = 'serial' | 'parallel';

/** A request under way, with the instants of its arrival and its answer in ms. */
interface Flight {
  readonly journey: Journey;
  readonly arrival: number;
  readonly answer: number;
  /** What the counter said; `undefined` as long as the client cannot know that it arrived. */
  admission?: Admission;
}

/**
 * The time in ms until all requests of one counter are answered, sent as soon as a client may that knows the limits, but
 * not how long a request or an answer is on its way.
 *
 * Such a client sees the server late: by the delay of the quickest answer that told it what it knows. It must reckon that
 * whatever it has sent and not yet seen counted may still be. All that it sends has a journey of its own, drawn before.
 *
 * @returns infinite where others leave no room for ever
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
  /** The server's instant up to which the client knows the counter. It knows it at the start. */
  #seen = 0;
  /** By how much it sees the server late; `undefined` before the first answer. */
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

  /** Until the client sees the server reach an instant, or an answer comes before. */
  #waitUntil(instant: number): void {
    const [next] = this.#flights;
    // Before the first answer nothing moves what is known, unless nothing is under way to be answered.
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
   * Answers of one fixed window tell the same reset, and the quickest tells it best; the next window's is told anew. A
   * sliding window drains without a stop while requests wait, so that the quickest answer so far goes on telling best.
   */
  #learnLag(resetAt: number, back: number): void {
    const isNews = this.#window === 'fixed' && resetAt > this.#newestReset + TOLERANCE;
    const isOld = this.#window === 'fixed' && resetAt < this.#newestReset - TOLERANCE;
    if (isNews || this.#lag === undefined) this.#lag = back;
    else if (!isOld) this.#lag = Math.min(this.#lag, back);
    this.#newestReset = Math.max(this.#newestReset, resetAt);
  }

  /** Lets the server count, in their order, what has reached it by an instant. What has been seen stays seen. */
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
