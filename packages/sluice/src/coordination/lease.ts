import type { Duration, LocalInstant } from '../rules/units.js';

/** The part of a lease in which a process uses its grants. The rest is for requests on their way to the server. */
const USABLE_PART = 0.8;

/** Exchanges per lease, so that one or two of them may be late. */
const HEARTBEATS_PER_LEASE = 3;

/** The delay before a failed exchange is retried, in ms: after the first failure, and at most. */
const FIRST_RETRY: Duration = 100;
const LONGEST_RETRY: Duration = 2_000;

/**
 * How a manager limits an authentication at present: `joining` sends nothing until the store replies, `shared` sends
 * what the store grants, and `local` sends its share of the limits, because the store cannot be reached.
 */
export type LeaseState = 'joining' | 'shared' | 'local';

/**
 * How a process takes part in the shared limits, how long its grants are good, and when a failed exchange is retried.
 */
export class Lease {
  /** The time between two exchanges when nothing else causes one. */
  readonly heartbeat: Duration;
  readonly #usableFor: Duration;
  #state: LeaseState = 'joining';
  #goodUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #retryDelay: Duration = FIRST_RETRY;

  constructor(duration: Duration) {
    this.heartbeat = duration / HEARTBEATS_PER_LEASE;
    this.#usableFor = duration * USABLE_PART;
  }

  get state(): LeaseState {
    return this.#state;
  }

  /** Whether grants are still good. After that, other processes may use them. */
  isGood(now: LocalInstant): boolean {
    return now < this.#goodUntil;
  }

  /** The store replied to an exchange that began at `startedAt`. */
  renew(startedAt: LocalInstant): void {
    this.#goodUntil = startedAt + this.#usableFor;
    this.#retryDelay = FIRST_RETRY;
  }

  /** This process has given up everything, so that it starts afresh with its next exchange. */
  giveUp(): void {
    this.#goodUntil = Number.NEGATIVE_INFINITY;
  }

  /** The store counts on this process. @returns whether that is new. */
  share(): boolean {
    return this.#become('shared');
  }

  /** Grants are good no more. @returns whether any could be. */
  lapse(): boolean {
    return this.#state === 'shared' && this.#become('joining');
  }

  /** The store cannot be reached. @returns whether that is new. */
  lose(): boolean {
    return this.#become('local');
  }

  /**
   * The delay before the next retry. Each one doubles the next, up to a maximum.
   * @param random From 0 to 1: lengthens the delay, so that processes do not retry all at once.
   */
  nextRetry(random: number): Duration {
    const delay = this.#retryDelay * (1 + random);
    this.#retryDelay = Math.min(LONGEST_RETRY, this.#retryDelay * 2);
    return delay;
  }

  #become(state: LeaseState): boolean {
    const isNew = this.#state !== state;
    this.#state = state;
    return isNew;
  }
}
