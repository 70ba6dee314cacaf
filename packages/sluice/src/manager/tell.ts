import type { EventEmitter } from 'node:events';
import type { ManagerEvents } from './events.js';

/** Emits an event: `describe` returns its payload, and is called only when there is a listener. */
export type Tell = <K extends keyof ManagerEvents>(name: K, describe: () => ManagerEvents[K][0]) => void;

/** Tells by way of an emitter: events cost nothing without a listener, and no listener can break the limiter. */
export function tellThrough(emitter: EventEmitter<ManagerEvents>): Tell {
  return (name, describe) => {
    if (emitter.listenerCount(name) === 0) return;
    try {
      (emitter as EventEmitter).emit(name, describe());
    } catch (error) {
      // Out of the limiter's own call stack, so that the error is reported but no request is stuck by it.
      queueMicrotask(() => {
        throw error;
      });
    }
  };
}
