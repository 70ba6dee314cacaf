import { setMaxListeners } from 'node:events';

/**
 * Calls a listener once when a signal aborts. One signal may end any number of requests that wait, which is no leak:
 * runtimes that warn of many listeners are told so.
 */
export function listenToAbort(signal: AbortSignal, listener: EventListenerOrEventListenerObject): void {
  if (signal instanceof EventTarget) setMaxListeners(0, signal);
  signal.addEventListener('abort', listener, { once: true });
}

type EventListenerOrEventListenerObject = Parameters<AbortSignal['addEventListener']>[1];
