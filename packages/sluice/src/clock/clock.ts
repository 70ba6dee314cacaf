import type { LocalInstant } from '../rules/units.js';

/** A timer that was set on a {@link Clock}. */
export interface Timer {
  /** Cancels the timer. Does nothing once the timer has fired. */
  cancel(): void;
}

/** Options of {@link Clock.setTimer}. */
export interface TimerOptions {
  /** Whether the timer keeps the process alive by itself. Default `true`. */
  readonly keepsProcessAlive?: boolean;
}

/** The only source of time for buckets, managers and clients. Inject your own to test without waiting. */
export interface Clock {
  /** The current instant in ms. It never goes back. */
  now(): LocalInstant;
  /**
   * Calls `callback` once, as soon as `now()` has reached `at` and never before. A timer for an instant in the past
   * fires on the next turn of the event loop.
   */
  setTimer(at: LocalInstant, callback: () => void, options?: TimerOptions): Timer;
}
