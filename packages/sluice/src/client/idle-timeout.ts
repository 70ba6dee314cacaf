import type { Clock, Timer } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/** A deadline that is told so much later than it came, in ms, tells that the process did not run. */
const STANDSTILL: Duration = 50;

/** Calls `onIdle` when nothing has moved for `timeout` ms. It counts only between `start` and `stop`. */
export class IdleTimeout {
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #onIdle: () => void;
  #timer: Timer | undefined;

  /** @param timeout In ms; `Infinity` never comes. */
  constructor(clock: Clock, timeout: Duration, onIdle: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onIdle = onIdle;
  }

  /** Counts from now. */
  start(timeout: Duration = this.#timeout): void {
    this.stop();
    if (timeout === Number.POSITIVE_INFINITY) return;
    const at = this.#clock.now() + timeout;
    this.#arm(at, () => {
      // Time is told to be up before what has arrived is read; and a process that stood still could not even send.
      const stoodStill = this.#clock.now() - at > STANDSTILL;
      this.#arm(this.#clock.now() + (stoodStill ? timeout : 0), this.#onIdle);
    });
  }

  /** Something moved: as {@link start}, if it counts at all. */
  touch(timeout: Duration = this.#timeout): void {
    if (this.#timer !== undefined) this.start(timeout);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(at: LocalInstant, callback: () => void): void {
    this.#timer = this.#clock.setTimer(at, () => {
      this.#timer = undefined;
      callback();
    });
  }
}
