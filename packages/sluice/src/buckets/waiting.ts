import type { Clock, Timer } from '../clock/clock.js';
import { Queue } from '../gates/queue.js';
import type { LocalInstant } from '../rules/units.js';
import type { QueuedRequest } from './queued-request.js';

/** What waits in a bucket: in its queue, and beside it. */
export class Waiting {
  readonly queue = new Queue<QueuedRequest>();
  /** Requests that the server refused for their own sake: they wait beside the queue and hold nobody up. */
  readonly parked = new Set<QueuedRequest>();
  /** Whether the bucket was closed, so that nothing may wait any more. */
  isClosed = false;
  #wake: { readonly at: LocalInstant; readonly timer: Timer } | undefined;

  get size(): number {
    return this.queue.size + this.parked.size;
  }

  get isEmpty(): boolean {
    return this.queue.isEmpty && this.parked.size === 0;
  }

  /** All of them, as a copy that may be changed meanwhile. */
  get all(): QueuedRequest[] {
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

  /** Nothing in the queue waits for an instant any more. */
  stopWaking(): void {
    this.#wake?.timer.cancel();
    this.#wake = undefined;
  }
}
