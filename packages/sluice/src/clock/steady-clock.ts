import type { Duration, LocalInstant } from '../rules/units.js';
import type { Clock, Timer, TimerOptions } from './clock.js';
import { SystemClock } from './system-clock.js';

/**
 * A clock made of one that may step back, as wall time does: such a step counts as no time at all, and time goes on
 * from where it was. Deadlines that a step has brought forward wait for the rest of their time.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock;
  /** What the clock told last. */
  #told: LocalInstant;
  /** By how much it has stepped back in all. */
  #behind: Duration = 0;
  #now: LocalInstant;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#told = clock.now();
    this.#now = this.#told;
  }

  now(): LocalInstant {
    const told = this.#clock.now();
    if (told < this.#told) this.#behind += this.#told - told;
    this.#told = told;
    this.#now = Math.max(this.#now, told + this.#behind);
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
          // Sums of large numbers are not exact: what is due is not to be asked for again.
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

/** The same clock if it is known never to step back, else one made of it; for one clock always the same. */
export function steady(clock: Clock): Clock {
  if (clock instanceof SystemClock || clock instanceof SteadyClock) return clock;
  const steadyClock = steadyClocks.get(clock) ?? new SteadyClock(clock);
  steadyClocks.set(clock, steadyClock);
  return steadyClock;
}
