import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';

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
    this.#timer = this.#clock.setTimer(this.#clock.now() + timeout, () => {
      this.#timer = undefined;
      this.#onIdle();
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
}
