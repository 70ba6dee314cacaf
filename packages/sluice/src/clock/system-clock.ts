import { clearTimeout, setTimeout } from 'node:timers';
import type { LocalInstant } from '../rules/units.js';
import type { Clock, Timer, TimerOptions } from './clock.js';
import { TimerHeap } from './timer-heap.js';

/** Read once, because the global is a getter in Node. */
const { performance } = globalThis;

/** The longest delay that `setTimeout` accepts, in ms; a longer one would fire at once. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The machine's monotonic clock. All timers that are set on it share one real timer. */
export class SystemClock implements Clock {
  readonly #heap = new TimerHeap(() => this.#arm());
  #armed: { readonly at: LocalInstant; readonly handle: NodeJS.Timeout } | undefined;

  now(): LocalInstant {
    return performance.now();
  }

  setTimer(at: LocalInstant, callback: () => void, options: TimerOptions = {}): Timer {
    const timer = this.#heap.add(at, callback, options.keepsProcessAlive ?? true);
    this.#arm();
    return timer;
  }

  /**
   * Makes sure that the real timer fires by the first deadline. It stays set when that deadline is cancelled and fires
   * once without effect, which costs less than setting and clearing a real timer for every request.
   */
  #arm(): void {
    const first = this.#heap.peek();
    if (first !== undefined && (this.#armed === undefined || first.at < this.#armed.at)) this.#set(first.at);
    if (this.#armed === undefined) return;
    if (this.#heap.keepsProcessAlive) this.#armed.handle.ref();
    else this.#armed.handle.unref();
  }

  #set(at: LocalInstant): void {
    if (this.#armed !== undefined) clearTimeout(this.#armed.handle);
    // Real timers count whole milliseconds and may fire a fraction early, so the delay is rounded up.
    const delay = Math.min(Math.max(Math.ceil(at - this.now()), 0), LONGEST_DELAY);
    this.#armed = { at, handle: setTimeout(() => this.#fire(), delay) };
  }

  #fire(): void {
    this.#armed = undefined;
    const now = this.now();
    try {
      for (let timer = this.#heap.shiftDue(now); timer; timer = this.#heap.shiftDue(now)) timer.callback();
    } finally {
      // The other timers need a real timer even if a callback throws.
      this.#arm();
    }
  }
}

/** The default clock. */
export const systemClock: Clock = new SystemClock();
