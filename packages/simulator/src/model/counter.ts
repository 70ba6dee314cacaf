import { OutsideSchedule, type OutsideUse } from './outside-use.js';
import { type Admission, changeWindow, createWindow, type Limits, type Window } from './window.js';

/** Limits that apply from an instant, in ms since the start. */
export interface LimitsFrom extends Limits {
  readonly at: number;
}

/** The whole future of a counter, whenever it is first needed. */
export interface CounterPlan {
  readonly limits: Limits;
  /** The changes of its limits, sorted. */
  readonly changes: readonly LimitsFrom[];
  readonly outside: readonly OutsideUse[];
}

/**
 * A counter whose limits change by themselves and which others use, too.
 *
 * Each call catches up with both, so the result does not depend on when, or how often, the counter is asked. At one
 * instant, uses by others come first, then a change, then the request.
 */
export class Counter {
  readonly #start: number;
  readonly #changes: LimitsFrom[];
  readonly #outside: OutsideSchedule;
  #window: Window;

  /** @param start - the instant from which the plan counts, in ms */
  constructor({ limits, changes, outside }: CounterPlan, start: number) {
    this.#start = start;
    this.#changes = [...changes];
    this.#outside = new OutsideSchedule(outside, start);
    this.#window = createWindow(limits.window, limits.limit, limits.period);
  }

  /** The decision about a request at `now` (ms), without counting it. */
  look(now: number): Admission {
    this.#catchUp(now);
    return this.#window.look(now);
  }

  /** Counts a request that arrives at `now` (ms), unless there is no room for it. */
  hit(now: number): Admission {
    this.#catchUp(now);
    return this.#window.hit(now);
  }

  /** The instant at which there is room for `count` requests at once, from the state at `now` (ms): see `Window`. */
  freeAt(now: number, count: number): number {
    this.#catchUp(now);
    return this.#window.freeAt(now, count);
  }

  #catchUp(now: number): void {
    let change = this.#changes[0];
    while (change !== undefined && this.#start + change.at <= now) {
      const at = this.#start + change.at;
      this.#letOthersUse(at);
      this.#window = changeWindow(this.#window, change, at);
      this.#changes.shift();
      change = this.#changes[0];
    }
    this.#letOthersUse(now);
  }

  #letOthersUse(until: number): void {
    for (const at of this.#outside.takeUntil(until)) this.#window.hit(at);
  }
}
