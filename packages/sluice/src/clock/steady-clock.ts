import type { Duration, LocalInstant } from '../rules/units.js';
import type { Clock, Timer, TimerOptions } from './clock.js';
import { SystemClock } from './system-clock.js';

/**
 * Wraps a clock that may step back, as wall time does. A step back counts as no time at all: time continues from where
 * it was, and timers still wait for the rest of their time.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock;
  /** The last reading of the wrapped clock. */
  #reading: LocalInstant;
  /** The sum of all steps back. */
  #behind: Duration = 0;
  #now: LocalInstant;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#reading = clock.now();
    this.#now = this.#reading;
  }

  now(): LocalInstant {
    const reading = this.#clock.now();
    if (reading < this.#reading) this.#behind += this.#reading - reading;
    this.#reading = reading;
    this.#now = Math.max(this.#now, reading + this.#behind);
    return this.#now;
  }

  setTimer(at: LocalInstant, callback: () => void, options?: TimerOptions): Timer {
    let timer: Timer;
    const arm = () => {
      this.now();
      const behind = this.#behind;
      timer = this.#clock.setTimer(
        at - behind,
        () => {
          if (this.now() < at && this.#behind !== behind) return arm();
          // Sums of large numbers are not exact, so `now()` may still be just below `at`.
          this.#now = Math.max(this.#now, at);
          callback();
        },
        options,
      );
    };
    arm();
    return { cancel: () => timer.cancel() };
  }
}

const steadyClocks = new WeakMap<Clock, SteadyClock>();

/** Returns `clock` itself if it never steps back, otherwise its wrapper: always the same one for the same clock. */
export function steady(clock: Clock): Clock {
  if (clock instanceof SystemClock || clock instanceof SteadyClock) return clock;
  const steadyClock = steadyClocks.get(clock) ?? new SteadyClock(clock);
  steadyClocks.set(clock, steadyClock);
  return steadyClock;
}
