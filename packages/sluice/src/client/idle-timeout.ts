import type { Clock, Timer } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/** How late a timer may fire, in ms. A later one shows that the process did not run. */
const STANDSTILL: Duration = 50;

/** Calls `onIdle` when there has been no progress for `timeout` ms between `start` and `stop`. */
export class IdleTimeout {
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #onIdle: () => void;
  /** The timeout that applies since the last progress. */
  #patience: Duration;
  /** Moves with all progress. The timer is set again only when it fires, or would fire too late. */
  #deadline: LocalInstant = Number.POSITIVE_INFINITY;
  #armedAt: LocalInstant = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  /** @param timeout In ms; `Infinity` for no timeout. */
  constructor(clock: Clock, timeout: Duration, onIdle: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#patience = timeout;
  }

  /** Starts the timeout. */
  start(): void {
    if (this.#timeout !== Number.POSITIVE_INFINITY) this.#wait(this.#timeout);
  }

  /** Records progress: starts the timeout again, if it is running. */
  touch(timeout: Duration = this.#timeout): void {
    if (this.#timer !== undefined) this.#wait(timeout);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(patience: Duration): void {
    this.#patience = patience;
    this.#deadline = this.#clock.now() + patience;
    if (this.#timer === undefined || this.#deadline < this.#armedAt) this.#arm(this.#deadline, false);
  }

  #arm(at: LocalInstant, isLast: boolean): void {
    this.#timer?.cancel();
    this.#armedAt = at;
    this.#timer = this.#clock.setTimer(at, () => {
      this.#timer = undefined;
      this.#fired(isLast);
    });
  }

  /**
   * A timer may fire before data that has arrived is read, so the deadline counts only if a second timer finds no
   * progress either. A process that did not run gets the whole timeout again, because it could neither send nor read.
   */
  #fired(isLast: boolean): void {
    const now = this.#clock.now();
    const late = now - this.#deadline;
    const hasMoved = late < 0;
    if (isLast && !hasMoved) {
      this.#onIdle();
      return;
    }
    if (late > STANDSTILL) this.#deadline = now + this.#patience;
    this.#arm(Math.max(this.#deadline, now), !hasMoved);
  }
}
