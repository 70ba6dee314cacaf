import { setMaxListeners } from 'node:events';

/**
 * Calls a listener once when a signal aborts. Any number of waiting requests may share one signal, which is not a leak,
 * so the limit on its listeners is lifted: some runtimes warn above it.
 */
export function listenToAbort(signal: AbortSignal, listener: EventListenerOrEventListenerObject): void {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
}

type EventListenerOrEventListenerObject = Parameters<AbortSignal['addEventListener']>[1];
