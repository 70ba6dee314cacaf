import type { Clock, Timer } from '../../src/clock/clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

/** A faulty clock over a virtual one, like one made of wall time: it steps back, and its deadlines are durations. */
export class SteppingClock implements Clock {
  /** The time that really passes. */
  readonly real = new VirtualClock();
  /** How often a deadline was set. */
  timersSet = 0;
  #behind = 0;

  constructor(steps: readonly { readonly at: number; readonly by: number }[]) {
    for (const { at, by } of steps) this.real.setTimer(at, () => (this.#behind += by));
  }

  now(): number {
    return START + this.real.now() - this.#behind;
  }

  setTimer(at: number, callback: () => void): Timer {
    if (!Number.isFinite(at)) throw new RangeError(`A deadline at ${at}`);
    this.timersSet++;
    return this.real.setTimer(this.real.now() + Math.max(0, at - this.now()), callback);
  }
}

/** Far enough from 0 that no step leads below it. */
const START = 10_000_000;
