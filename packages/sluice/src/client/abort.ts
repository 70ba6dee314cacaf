import { listenToAbort } from '../clock/abort-listener.js';
import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';

/**
 * Ends a request in whatever state it is, or interrupts only its current operation. All operations of a request share
 * one signal. A request awaits one promise at a time through {@link until}, without a listener on the signal, because
 * listeners are expensive.
 */
export class AbortScope {
  #controller = new AbortController();
  #reject: ((reason: unknown) => void) | undefined;

  /** The signal of the current operation. {@link interrupt} replaces it. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the request. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.#reject?.(this.signal.reason);
  }

  /** Ends the current operation. The request may start another one. */
  interrupt(reason: unknown): void {
    const interrupted = this.#controller;
    this.#controller = new AbortController();
    interrupted.abort(reason);
    this.#reject?.(reason);
  }

  /** Settles as `promise` does, or rejects with the reason of an abort or interruption that comes first. */
  until<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.signal.aborted) reject(this.signal.reason);
      promise.then(resolve, reject);
    });
  }
}

/**
 * Calls `onAbort` with the signal's reason when the signal aborts, or immediately if it has aborted.
 *
 * @returns A function that stops listening.
 */
export function whenAborted(signal: AbortSignal | undefined, onAbort: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const listener = () => onAbort(signal.reason);
  if (signal.aborted) listener();
  else listenToAbort(signal, listener);
  return () => signal.removeEventListener('abort', listener);
}

/**
 * Waits for `duration` ms on a clock.
 *
 * @throws The reason of an abort.
 */
export async function sleep(clock: Clock, duration: Duration, scope: AbortScope): Promise<void> {
  let timer: Timer | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = clock.setTimer(clock.now() + duration, resolve);
  });
  try {
    await scope.until(slept);
  } finally {
    timer?.cancel();
  }
}
