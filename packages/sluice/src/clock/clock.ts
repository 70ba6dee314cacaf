import type { LocalInstant } from '../rules/units.js';

/** A deadline that was set on a {@link Clock}. */
export interface Timer {
  /** Takes the deadline back; does nothing once it has fired. */
  cancel(): void;
}

/** How a deadline is kept. */
export interface TimerOptions {
  /** Whether this deadline alone keeps the process alive. Default `true`. */
  readonly keepsProcessAlive?: boolean;
}

/** The only source of time for buckets, managers and clients: inject your own to test without waiting. */
export interface Clock {
  /** The present instant in ms. It never steps back. */
  now(): LocalInstant;
  /**
   * Calls `callback` once, as soon as `now()` has reached `at` and never before; an instant that has passed fires
   * on the next turn of the event loop.
   */
  setTimer(at: LocalInstant, callback: () => void, options?: TimerOptions): Timer;
}
