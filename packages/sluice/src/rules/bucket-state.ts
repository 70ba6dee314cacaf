import { RouteWindows } from './route-windows.js';
import { type SubLimitKnowledge, SubLimits } from './sub-limits.js';
import type { Duration, LocalInstant } from './units.js';
import { type Observation, Window, type WindowKnowledge } from './window.js';

/** For how many windows a bucket stays cautious after something used it that is not known here. */
const CAUTIOUS_WINDOWS = 3;

/** What an answer proved about a bucket besides its numbers. */
export interface Finding {
  /** The route that was answered counts apart from the others of the bucket. */
  readonly isSeparate: boolean;
  /** Something that is not known here uses the bucket, too, or its limit was lowered. */
  readonly isContended: boolean;
}

/** What a bucket knows, as plain values, to be continued elsewhere. */
export interface BucketKnowledge {
  readonly heldUntil: LocalInstant;
  readonly cautiousUntil: LocalInstant;
  /** The route whose answers made the window. */
  readonly route: string;
  readonly window: WindowKnowledge | undefined;
  readonly subLimits: readonly SubLimitKnowledge[];
}

/** What a bucket knows of its limits: a window once an answer told of one, requests in flight, and holds. Pure. */
export class BucketState {
  /** `undefined` until an answer tells of the window: till then, one request at a time finds out. */
  window: Window | undefined;
  /** Whether answers came without any rate-limit headers, so that only the global limit holds. */
  isUnlimited = false;
  /** Requests that may be counted by the server and have not told so yet. */
  inFlight = 0;
  /** Limits on some of the requests that no header shows. */
  subLimits: SubLimits | undefined;
  #heldUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #cautiousUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** The route whose answers made the window, as long as it is one. */
  #route = '';
  #routes: RouteWindows | undefined;

  /** Continues from what another one knew, with nothing in flight. */
  static from(known: BucketKnowledge): BucketState {
    const state = new BucketState();
    state.window = known.window && Window.from(known.window);
    state.#route = known.route;
    state.#heldUntil = known.heldUntil;
    state.#cautiousUntil = known.cautiousUntil;
    if (known.subLimits.length > 0) state.subLimits = SubLimits.from(known.subLimits);
    return state;
  }

  /** The route whose answers made the window; empty without one. */
  get route(): string {
    return this.#route;
  }

  /** The instant after which nothing that happened before can matter any more. */
  get idleAt(): LocalInstant {
    const { window, subLimits } = this;
    const never = Number.NEGATIVE_INFINITY;
    return Math.max(this.#heldUntil, window?.idleAt ?? never, subLimits?.idleAt ?? never);
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
    const held = Math.max(0, this.#heldUntil - now, this.subLimits?.waitForAny(now) ?? 0);
    if (this.isUnlimited) return held;
    if (this.inFlight > 0 && (this.window === undefined || this.isCautious(now))) return Number.POSITIVE_INFINITY;
    return Math.max(held, this.window?.waitFor(this.inFlight, now) ?? 0);
  }

  /** Whether requests go one at a time, as something unknown uses the bucket, too. */
  isCautious(now: LocalInstant): boolean {
    return this.#cautiousUntil > now;
  }

  /** Lets nothing leave before `until`. */
  hold(until: LocalInstant): void {
    this.#heldUntil = Math.max(this.#heldUntil, until);
  }

  /** Lets requests leave one at a time for some windows. */
  beCautious(now: LocalInstant): void {
    const period = this.window?.period ?? 0;
    this.#cautiousUntil = Math.max(this.#cautiousUntil, now, this.#heldUntil) + CAUTIOUS_WINDOWS * period;
  }

  /** Learns from an answer; of one that proves its route to be separate, the bucket itself learns nothing. */
  observe(observation: Observation): Finding {
    this.isUnlimited = false;
    if (this.window === undefined) {
      this.window = new Window(observation);
      this.#route = observation.route;
      return { isSeparate: false, isContended: false };
    }
    if (observation.route !== this.#route) this.#routes ??= new RouteWindows(this.#route, this.window);
    if (this.#routes?.isSeparate(observation)) return { isSeparate: true, isContended: false };
    // The request that was answered was in flight until now.
    const expected = this.window.leastRemaining(this.inFlight + 1, observation.receivedAt);
    const isNews = this.window.observe(observation);
    this.#routes?.observe(observation);
    const { remaining } = observation.headers;
    return { isSeparate: false, isContended: isNews && (observation.refused ? remaining === 0 : remaining < expected) };
  }

  /** What is known of a route's counter if it is its own. */
  windowOf(route: string): Window | undefined {
    if (this.#routes) return this.#routes.get(route);
    return route === this.#route ? this.window : undefined;
  }

  /** Takes over what holds another bucket, and the limits there that no header shows. */
  inherit(other: BucketState): void {
    this.hold(other.#heldUntil);
    this.#cautiousUntil = Math.max(this.#cautiousUntil, other.#cautiousUntil);
    this.subLimits ??= other.subLimits?.clone();
  }

  /** Continues with all that another one knows; in flight is what is in flight here. */
  continueFrom(other: BucketState): void {
    if (other.window) this.adopt(other.#route, other.window);
    this.inherit(other);
  }

  /** What is to be known at `now` should those in flight never tell anything, counted by `lostAt` at the latest. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): BucketKnowledge {
    // Without a window there is nothing to count the request in that was to find out: wait until it has arrived.
    const isProbed = this.window === undefined && !this.isUnlimited && this.inFlight > 0;
    return {
      heldUntil: isProbed ? Math.max(this.#heldUntil, lostAt) : this.#heldUntil,
      cautiousUntil: this.#cautiousUntil,
      route: this.#route,
      window: this.window?.knowledgeAfterLoss(this.inFlight, now, lostAt),
      subLimits: this.subLimits?.limits.map((limit) => limit.knowledge(now, lostAt)) ?? [],
    };
  }

  /** Takes a window over for the one route that the bucket has from now on. */
  adopt(route: string, window: Window | undefined): void {
    this.window = window && Window.from(window.knowledge);
    this.#route = route;
    this.#routes = undefined;
  }
}
