import type { Clock, Timer } from '../clock/clock.js';
import { Queue, type QueueNode } from '../gates/queue.js';
import type { LocalInstant } from '../rules/units.js';

/** The requests that wait in a bucket: in its queue, and beside it. */
export class Waiting<N extends QueueNode> {
  readonly queue = new Queue<N>();
  /** Requests that wait for a limit of their own, beside the queue, so that they hold no other request up. */
  readonly parked = new Set<N>();
  /** Whether the bucket was closed, so that no request may wait. */
  isClosed = false;
  #wake: { readonly at: LocalInstant; readonly timer: Timer } | undefined;

  get size(): number {
    return this.queue.size + this.parked.size;
  }

  get isEmpty(): boolean {
    return this.queue.isEmpty && this.parked.size === 0;
  }

  /** A copy of all of them, so that requests may leave while it is read. */
  get all(): N[] {
    return [...this.parked, ...this.queue];
  }

  /** Calls `wake` at `at`; `false` when an earlier call is due already, which serves as well. */
  wakeAt(at: LocalInstant, clock: Clock, wake: () => void): boolean {
    if (this.#wake !== undefined && this.#wake.at <= at) return false;
    this.#wake?.timer.cancel();
    const timer = clock.setTimer(at, () => {
      this.#wake = undefined;
      wake();
    });
    this.#wake = { at, timer };
    return true;
  }

  /** Cancels the call that is due: no request in the queue waits for an instant. */
  stopWaking(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
  }
}
