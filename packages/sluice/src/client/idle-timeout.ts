import type { Clock, Timer } from '../clock/clock.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/** A deadline that is told so much later than it came, in ms, tells that the process did not run. */
const STANDSTILL: Duration = 50;

/** Calls `onIdle` when nothing has moved for `timeout` ms. It counts only between `start` and `stop`. */
export class IdleTimeout {
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #onIdle: () => void;
  /** What the deadline was counted from the last movement with. */
  #patience: Duration;
  /** Moves with every piece. The timer follows only when it fires, or would fire too late. */
  #deadline: LocalInstant = Number.POSITIVE_INFINITY;
  #armedAt: LocalInstant = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  /** @param timeout In ms; `Infinity` never comes. */
  constructor(clock: Clock, timeout: Duration, onIdle: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onIdle = onIdle;
    this.#patience = timeout;
  }

  /** Counts from now. */
  start(): void {
    if (this.#timeout !== Number.POSITIVE_INFINITY) this.#wait(this.#timeout);
  }

  /** Something moved: counts anew, if it counts at all. */
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

  /** Time is told to be up before what has arrived is read; and a process that stood still could not even send. */
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
