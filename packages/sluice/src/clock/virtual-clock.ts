import { setImmediate } from 'node:timers';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Clock, Timer } from './clock.js';
import { TimerHeap } from './timer-heap.js';

/** A clock that stands still until it is told to move: hours of rate limits in a test of milliseconds. */
export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  #now: LocalInstant;

  /** @param start The first instant, in ms. Default 0. */
  constructor(start: LocalInstant = 0) {
    this.#now = start;
  }

  /** Deadlines that have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#heap.size;
  }

  /** The earliest pending deadline, if there is one. */
  get nextTimerAt(): LocalInstant | undefined {
    return this.#heap.peek()?.at;
  }

  now(): LocalInstant {
    return this.#now;
  }

  setTimer(at: LocalInstant, callback: () => void): Timer {
    return this.#heap.add(at, callback);
  }

  /** Moves time on by `duration` ms, firing every deadline on the way at its own instant, and settles promises. */
  async advance(duration: Duration): Promise<void> {
    if (!(duration >= 0)) throw new RangeError(`Time only moves forward: advance(${duration}) is not possible`);
    await this.advanceTo(this.#now + duration);
  }

  /** Moves time on to `instant`; see {@link advance}. */
  async advanceTo(instant: LocalInstant): Promise<void> {
    await settlePromises();
    for (;;) {
      const next = this.#heap.peek();
      if (next === undefined || next.at > instant) break;
      this.#now = Math.max(this.#now, next.at);
      this.#heap.shiftDue(this.#now)?.callback();
      await settlePromises();
    }
    this.#now = Math.max(this.#now, instant);
  }

  /**
   * Moves time from deadline to deadline until none is left.
   *
   * @param limit Gives up with an error at this instant, so that a loop of timers cannot hang a test. Default one year.
   */
  async runAll(limit: LocalInstant = this.#now + 365 * 86_400_000): Promise<void> {
    await settlePromises();
    for (let next = this.nextTimerAt; next !== undefined; next = this.nextTimerAt) {
      if (next > limit) throw new Error(`A timer is still pending at ${next} ms, beyond the limit of ${limit} ms`);
      await this.advanceTo(next);
    }
  }
}

/** Lets every promise that can settle without time passing do so. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
