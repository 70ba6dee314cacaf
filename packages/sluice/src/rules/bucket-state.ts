import { BucketExtras } from './bucket-extras.js';
import { RouteWindows } from './route-windows.js';
import { type HiddenRefusal, type SubLimit, type SubLimitKnowledge, SubLimits } from './sub-limits.js';
import type { Duration, LocalInstant } from './units.js';
import { type Observation, Window, type WindowKnowledge } from './window.js';

/** How many windows a bucket stays cautious for after another client used it. */
const CAUTIOUS_WINDOWS = 3;

/** A conclusion from a response that goes beyond its numbers. */
export type Finding =
  /** Nothing. */
  | 'none'
  /** The route of the response has a counter of its own. */
  | 'separate'
  /** Another client uses the bucket as well, or its limit was lowered. */
  | 'contended';

/** The state of a bucket as plain values, from which another bucket can continue. */
export interface BucketKnowledge {
  /** Until when no request may be sent; `-Infinity` without a hold. */
  readonly heldUntil: LocalInstant;
  /** Until when requests are sent one at a time; `-Infinity` when the bucket is not cautious. */
  readonly cautiousUntil: LocalInstant;
  /** Identity of the route whose responses the window comes from; empty without one. */
  readonly route: string;
  /** `undefined` before the first response. */
  readonly window: WindowKnowledge | undefined;
  readonly subLimits: readonly SubLimitKnowledge[];
}

/**
 * All limits of one bucket: its window and, for some buckets, holds, sub-limits and the windows of single routes. Pure:
 * time and the number of requests in flight that the server may still count are arguments.
 */
export class BucketState extends Window {
  /** Identity of the route whose responses the window comes from; empty before a response. */
  #route = '';
  #extras: BucketExtras | undefined;

  /** Restores a bucket without requests in flight. */
  static from(known: BucketKnowledge): BucketState {
    const state = new BucketState();
    if (known.window) state.takeOver(known.window);
    state.#route = known.route;
    const { heldUntil, cautiousUntil, subLimits } = known;
    if (Math.max(heldUntil, cautiousUntil) > Number.NEGATIVE_INFINITY) {
      Object.assign(state.ownExtras, { heldUntil, cautiousUntil });
    }
    if (subLimits.length > 0) state.ownExtras.subLimits = SubLimits.from(subLimits);
    return state;
  }

  /** Identity of the route whose responses the window comes from; empty before a response. */
  get route(): string {
    return this.#route;
  }

  /** Whether responses carried no rate-limit headers, so that only the global limit applies. */
  get isUnlimited(): boolean {
    return this.#extras?.isUnlimited === true;
  }

  set isUnlimited(isUnlimited: boolean) {
    if (this.isUnlimited !== isUnlimited) this.ownExtras.isUnlimited = isUnlimited;
  }

  /** Whether the bucket belongs to one route alone, because the routes of its hash have separate counters. */
  get countsApart(): boolean {
    return this.#extras?.countsApart === true;
  }

  set countsApart(countsApart: boolean) {
    if (this.countsApart !== countsApart) this.ownExtras.countsApart = countsApart;
  }

  /** Limits that no header shows. */
  get subLimits(): SubLimits | undefined {
    return this.#extras?.subLimits;
  }

  /** The instant from which nothing that has happened so far limits a request. */
  override get idleAt(): LocalInstant {
    return Math.max(super.idleAt, this.#extras?.idleAt ?? Number.NEGATIVE_INFINITY);
  }

  /** When the limit is over at the latest: the end of the hold or the reset of the window, whichever is later. */
  override get resetAt(): LocalInstant {
    return Math.max(0, super.resetAt, this.#extras?.heldUntil ?? 0);
  }

  /** How many requests may be sent at `now` in addition to the `inFlight`. */
  override available(inFlight: number, now: LocalInstant): number {
    const extras = this.#extras;
    if (extras === undefined) return super.available(inFlight, now);
    if (extras.heldUntil > now) return 0;
    return extras.isUnlimited ? Number.POSITIVE_INFINITY : super.available(inFlight, now);
  }

  /** How long until one more request may be sent; `Infinity` when that takes a response to one in flight. */
  override waitFor(inFlight: number, now: LocalInstant): Duration {
    const extras = this.#extras;
    if (extras === undefined) return super.waitFor(inFlight, now);
    const held = extras.heldFor(now);
    if (extras.isUnlimited) return held;
    if (inFlight > 0 && this.isCautious(now)) return Number.POSITIVE_INFINITY;
    return Math.max(held, super.waitFor(inFlight, now));
  }

  /** How long a request with these body fields waits because of them; `Infinity` when that takes a response. */
  waitForFields(fields: readonly string[], now: LocalInstant): Duration {
    return this.#extras?.subLimits?.waitForFields(fields, now) ?? 0;
  }

  /** How long no request may be sent, whatever the window says; `Infinity` when that takes a response. */
  heldFor(now: LocalInstant): Duration {
    return this.#extras?.heldFor(now) ?? 0;
  }

  /** Limits the bucket to one request at a time until `until`. */
  beCautiousUntil(until: LocalInstant): void {
    this.ownExtras.cautiousUntil = until;
  }

  /** Replaces the sub-limits. */
  setSubLimits(known: readonly SubLimitKnowledge[]): void {
    this.ownExtras.subLimits = SubLimits.from(known);
  }

  /** Whether requests are sent one at a time, because another client uses the bucket as well. */
  isCautious(now: LocalInstant): boolean {
    return this.#extras !== undefined && this.#extras.cautiousUntil > now;
  }

  /** Holds all requests until `until`, or for longer if a longer hold is in place. */
  hold(until: LocalInstant): void {
    const extras = this.ownExtras;
    extras.heldUntil = Math.max(extras.heldUntil, until);
  }

  /** Limits the bucket to one request at a time for the next windows. */
  beCautious(now: LocalInstant): void {
    const extras = this.ownExtras;
    const { cautiousUntil, heldUntil } = extras;
    extras.cautiousUntil = Math.max(cautiousUntil, now, heldUntil) + CAUTIOUS_WINDOWS * this.period;
  }

  /** Learns from a request that was refused by a limit that no header shows. @returns That limit. */
  refuse(route: string, refusal: HiddenRefusal): SubLimit {
    const extras = this.ownExtras;
    extras.subLimits ??= new SubLimits();
    return extras.subLimits.refuse(route, refusal);
  }

  /**
   * Learns from a response while `inFlight` other requests are in flight. The response of a route that proves to have a
   * counter of its own does not change the bucket.
   */
  learn(observation: Observation, inFlight: number): Finding {
    const { route, refused, headers, receivedAt, departures } = observation;
    const extras = this.#extras;
    if (extras !== undefined) {
      extras.isUnlimited = false;
      if (extras.countsApart) extras.informedSince = Math.min(extras.informedSince, departures);
    }
    if (!this.isKnown) {
      this.observe(observation);
      this.#route = route;
      return 'none';
    }
    if (this.routesFor(route)?.isSeparate(observation)) return 'separate';
    // The request of this response was in flight until now.
    const expected = this.leastRemaining(inFlight + 1, receivedAt);
    const isNews = this.observeAmong(observation);
    return isNews && (refused ? headers.remaining === 0 : headers.remaining < expected) ? 'contended' : 'none';
  }

  /** Whether a response had described the window before the request with this departure number was sent. */
  wasInformed(departure: number): boolean {
    return this.#extras !== undefined && this.#extras.informedSince <= departure;
  }

  /** The window of one route, as if its counter were its own; `undefined` before a response of that route. */
  windowOf(route: string): Window | undefined {
    const routes = this.#extras?.routes;
    if (routes) return routes.get(route);
    return this.isKnown && route === this.#route ? this : undefined;
  }

  /** Adds the holds of another bucket, and its sub-limits unless this bucket has its own. */
  inherit(other: BucketState): void {
    const theirs = other.#extras;
    if (theirs === undefined) return;
    this.hold(theirs.heldUntil);
    const ours = this.ownExtras;
    ours.cautiousUntil = Math.max(ours.cautiousUntil, theirs.cautiousUntil);
    ours.subLimits ??= theirs.subLimits?.clone();
  }

  /** Continues with the window, holds and sub-limits of another bucket. Its requests in flight do not move. */
  continueFrom(other: BucketState): void {
    if (other.isKnown) this.adopt(other.#route, other);
    this.inherit(other);
  }

  /**
   * The state at `now` if no request in flight ever gets a response. The server counted each of them by `lostAt`, or
   * never will.
   */
  bucketKnowledge(inFlight: number, now: LocalInstant, lostAt: LocalInstant): BucketKnowledge {
    const { heldUntil, cautiousUntil, subLimits } = this.#extras ?? new BucketExtras();
    // Without a window, the request in flight can only be accounted for by waiting until it has arrived.
    const isProbed = !this.isKnown && !this.isUnlimited && inFlight > 0;
    return {
      heldUntil: isProbed ? Math.max(heldUntil, lostAt) : heldUntil,
      cautiousUntil,
      route: this.#route,
      window: this.isKnown ? this.knowledgeAfterLoss(inFlight, now, lostAt) : undefined,
      subLimits: subLimits?.limits.map((limit) => limit.knowledge(now, lostAt)) ?? [],
    };
  }

  /** Takes over the window of `route`, the only route of the bucket from now on. */
  adopt(route: string, window: Window): void {
    if (window.isKnown) this.takeOver(window.knowledge);
    this.#route = route;
    if (this.#extras) this.#extras.routes = undefined;
  }

  /**
   * Takes over a window from another process, unless this process has one. Its own window stays, because only responses
   * whose order of departure is known can show whether routes count together.
   */
  adoptShared(route: string, known: WindowKnowledge): void {
    if (this.isKnown) return;
    this.takeOver(known);
    this.#route = route;
  }

  private get ownExtras(): BucketExtras {
    this.#extras ??= new BucketExtras();
    return this.#extras;
  }

  /** The windows of the single routes; `undefined` as long as only one route has had responses. */
  private routesFor(route: string): RouteWindows | undefined {
    if (route !== this.#route) this.ownExtras.routes ??= new RouteWindows(this.#route, this);
    return this.#extras?.routes;
  }

  /** Compares a response only with those of the same route once several routes have had responses. */
  private observeAmong(observation: Observation): boolean {
    const routes = this.#extras?.routes;
    const isNews = this.observe(observation, routes === undefined);
    if (routes !== undefined) this.agreeWith(routes.observe(observation), observation.headers);
    return isNews;
  }
}
