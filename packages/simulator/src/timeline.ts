/** The longest wait of a Node.js timer. */
const LONGEST_TIMER = 2 ** 31 - 1;

interface Event {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Runs events strictly in the order of their instants, each as soon as its instant has come.
 *
 * Timers alone would run two events of one millisecond in any order, and the model needs arrivals in order.
 */
export class Timeline {
  /** Sorted by the order in which they will run. */
  readonly #events: Event[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isRunning = false;
  #isClosed = false;

  /** Runs `run` at an instant of `performance.now()`, or at once if that instant has passed. */
  schedule(at: number, run: () => void): void {
    if (this.#isClosed) return;
    let place = this.#events.length;
    while (place > 0 && (this.#events[place - 1]?.at ?? at) > at) place -= 1;
    this.#events.splice(place, 0, { at, run });
    if (place === 0 && !this.#isRunning) this.#runDue();
  }

  /** Drops all events that have not run, and ignores later ones. */
  close(): void {
    this.#isClosed = true;
    this.#events.length = 0;
    clearTimeout(this.#timer);
  }

  #runDue(): void {
    clearTimeout(this.#timer);
    this.#isRunning = true;
    let next = this.#events[0];
    while (next !== undefined && next.at <= performance.now()) {
      this.#events.shift();
      next.run();
      next = this.#events[0];
    }
    this.#isRunning = false;
    if (next === undefined) return;
    const wait = Math.min(Math.ceil(next.at - performance.now()), LONGEST_TIMER);
    this.#timer = setTimeout(() => this.#runDue(), wait);
  }
}
