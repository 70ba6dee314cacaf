import { setImmediate } from 'node:timers';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Clock, Timer } from './clock.js';
import { TimerHeap } from './timer-heap.js';

/** A clock that only moves when a test moves it, so that hours of rate limits pass in milliseconds. */
export class VirtualClock implements Clock {
  readonly #heap = new TimerHeap();
  #now: LocalInstant;

  /** @param start The initial instant, in ms. Default 0. */
  constructor(start: LocalInstant = 0) {
    this.#now = start;
  }

  /** How many timers have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#heap.size;
  }

  /** When the earliest pending timer fires, in ms; `undefined` when none is pending. */
  get nextTimerAt(): LocalInstant | undefined {
    return this.#heap.peek()?.at;
  }

  now(): LocalInstant {
    return this.#now;
  }

  setTimer(at: LocalInstant, callback: () => void): Timer {
    return this.#heap.add(at, callback);
  }

  /**
   * Moves time forward by `duration` ms. Every timer on the way fires at its own instant, and promises settle.
   *
   * @throws RangeError when `duration` is negative or `NaN`.
   */
  async advance(duration: Duration): Promise<void> {
    if (!(duration >= 0)) throw new RangeError(`Time only moves forward: advance(${duration}) is not possible.`);
    await this.advanceTo(this.#now + duration);
  }

  /** Moves time forward to `instant`, in ms; see {@link advance}. */
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
   * Moves time from timer to timer until none is pending.
   *
   * @param limit The last instant that time may reach, in ms, so that timers that set each other cannot hang a test.
   * Default: one year from now.
   * @throws Error when a timer is pending beyond `limit`.
   */
  async runAll(limit: LocalInstant = this.#now + 365 * 86_400_000): Promise<void> {
    await settlePromises();
    for (let next = this.nextTimerAt; next !== undefined; next = this.nextTimerAt) {
      if (next > limit) throw new Error(`A timer is still pending at ${next} ms, beyond the limit of ${limit} ms.`);
      await this.advanceTo(next);
    }
  }
}

/** Waits until every promise has settled that can settle without time passing. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
