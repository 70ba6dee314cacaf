import { listenToAbort } from '../clock/abort-listener.js';
import type { Timer } from '../clock/clock.js';
import { QueueNode } from '../gates/queue.js';
import type { CompiledRoute } from '../routes/route.js';
import type { LocalInstant } from '../rules/units.js';
import type { Exclusion } from './concurrency.js';
import type { Permit } from './permit.js';

/** What the queue and the permit know of a request. */
export interface RequestDescription {
  readonly route: CompiledRoute;
  readonly priority: number;
  /** The order of acquire over all buckets; a refused request keeps it when it comes again. */
  readonly sequence: number;
  readonly exclusion: Exclusion;
  /** Whether the global limit does not count it. */
  readonly isExempt: boolean;
  /** The top-level fields of its body, of which some may have limits of their own. */
  readonly fields: readonly string[];
}

/** Where a request waits. */
export interface WaitingPlace {
  /** Takes a request out, for good or to put it elsewhere. */
  withdraw(entry: QueuedRequest): void;
}

/** A request that waits for its permit, ends with it, with an error, or with its signal; whichever is first. */
export class QueuedRequest extends QueueNode {
  readonly description: RequestDescription;
  readonly promise: Promise<Permit>;
  /** Set by whoever lets the request wait. */
  place: WaitingPlace | undefined;
  /** Set while the request waits beside the queue. */
  timer: Timer | undefined;
  /** It may not leave before, whatever the limits say. */
  notBefore: LocalInstant = 0;
  #resolve!: (permit: Permit) => void;
  #reject!: (reason: unknown) => void;
  readonly #signal: AbortSignal | undefined;

  constructor(description: RequestDescription, signal: AbortSignal | undefined) {
    super(description.priority, description.sequence);
    this.description = description;
    this.#signal = signal;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal) listenToAbort(signal, this);
  }

  grant(permit: Permit): void {
    this.#signal?.removeEventListener('abort', this);
    this.#resolve(permit);
  }

  reject(reason: unknown): void {
    this.#signal?.removeEventListener('abort', this);
    this.#reject(reason);
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.place?.withdraw(this);
    this.reject(this.#signal?.reason);
  }
}
