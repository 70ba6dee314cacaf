import { listenToAbort } from '../clock/abort-listener.js';
import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';

/**
 * Ends a request wherever it is, or only what it does at present. All that a request does goes by one signal, and waits
 * for one promise at a time without listening to it, as signals are dear.
 */
export class Ending {
  #controller = new AbortController();
  #reject: ((reason: unknown) => void) | undefined;

  /** Of what is done at present; another one once {@link interrupt} has been called. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the request. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.#reject?.(this.signal.reason);
  }

  /** Ends what goes by the present signal; the request may do more. */
  interrupt(reason: unknown): void {
    const interrupted = this.#controller;
    this.#controller = new AbortController();
    interrupted.abort(reason);
    this.#reject?.(reason);
  }

  /** Settles as `promise` does, or rejects with the reason if the end comes first. */
  until<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      if (this.signal.aborted) reject(this.signal.reason);
      promise.then(resolve, reject);
    });
  }
}

/**
 * Calls `onAbort` with the signal's reason when it aborts; at once if it has.
 *
 * @returns Stops listening.
 */
export function whenAborted(signal: AbortSignal | undefined, onAbort: (reason: unknown) => void): () => void {
  if (signal === undefined) return () => {};
  const listener = () => onAbort(signal.reason);
  if (signal.aborted) listener();
  else listenToAbort(signal, listener);
  return () => signal.removeEventListener('abort', listener);
}

/**
 * Waits on a clock.
 *
 * @throws The reason of the ending.
 */
export async function sleep(clock: Clock, duration: Duration, ending: Ending): Promise<void> {
  let timer: Timer | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = clock.setTimer(clock.now() + duration, resolve);
  });
  try {
    await ending.until(slept);
  } finally {
    timer?.cancel();
  }
}
