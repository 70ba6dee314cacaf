import type { Duration, LocalInstant } from './units.js';
import { type Observation, Window } from './window.js';

/** What a bucket knows of its limits: a window once an answer told of one, requests in flight, and holds. Pure. */
export class BucketState {
  /** `undefined` until an answer tells of the window: till then, one request at a time finds out. */
  window: Window | undefined;
  /** Whether answers came without any rate-limit headers, so that only the global limit holds. */
  isUnlimited = false;
  /** Requests that may be counted by the server and have not told so yet. */
  inFlight = 0;
  #heldUntil: LocalInstant = Number.NEGATIVE_INFINITY;

  /** The instant after which nothing that happened before can matter any more. */
  get idleAt(): LocalInstant {
    return Math.max(this.#heldUntil, this.window?.idleAt ?? Number.NEGATIVE_INFINITY);
  }

  /** The latest instant at which the limit is over: of a hold and the window's reset the later one (seed). */
  get resetAt(): LocalInstant {
    return Math.max(0, this.#heldUntil, this.window?.resetAt ?? 0);
  }

  /** How many requests may leave at `now`. */
  available(now: LocalInstant): number {
    if (this.#heldUntil > now) return 0;
    if (this.isUnlimited) return Number.POSITIVE_INFINITY;
    return this.window === undefined ? 1 - this.inFlight : this.window.available(this.inFlight, now);
  }

  /** How long until one more request may leave; `Infinity` when that takes an answer to one in flight. */
  waitFor(now: LocalInstant): Duration {
    const held = Math.max(0, this.#heldUntil - now);
    if (this.isUnlimited) return held;
    if (this.window === undefined) return this.inFlight === 0 ? held : Number.POSITIVE_INFINITY;
    return Math.max(held, this.window.waitFor(this.inFlight, now));
  }

  /** Lets nothing leave before `until`. */
  hold(until: LocalInstant): void {
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** Learns from an answer. */
  observe(observation: Observation): void {
    this.isUnlimited = false;
    if (this.window === undefined) this.window = new Window(observation);
    else this.window.observe(observation);
  }
}
