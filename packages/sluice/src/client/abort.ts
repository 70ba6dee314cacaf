import { listenToAbort } from '../buckets/abort-listener.js';
import type { Clock, Timer } from '../clock/clock.js';
import type { Duration } from '../rules/units.js';

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

/** Settles as `promise` does, or rejects with the signal's reason if that comes first. */
export async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = whenAborted(signal, reject);
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    stop();
  }
}

/**
 * Waits on a clock.
 *
 * @throws The signal's reason.
 */
export async function sleep(clock: Clock, duration: Duration, signal: AbortSignal): Promise<void> {
  let timer: Timer | undefined;
  const slept = new Promise<void>((resolve) => {
    timer = clock.setTimer(clock.now() + duration, resolve);
  });
  try {
    await untilAborted(signal, slept);
  } finally {
    timer?.cancel();
  }
}
