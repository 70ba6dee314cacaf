import { BucketExtras } from './bucket-extras.js';
import { RouteWindows } from './route-windows.js';
import { type HiddenRefusal, type SubLimit, type SubLimitKnowledge, SubLimits } from './sub-limits.js';
import type { Duration, LocalInstant } from './units.js';
import { type Observation, Window, type WindowKnowledge } from './window.js';

/** For how many windows a bucket stays cautious after something used it that is not known here. */
const CAUTIOUS_WINDOWS = 3;

/** What an answer proved about a bucket besides its numbers. */
export type Finding =
  /** Nothing. */
  | 'none'
  /** The route that was answered counts apart from the others of the bucket. */
  | 'separate'
  /** Something that is not known here uses the bucket, too, or its limit was lowered. */
  | 'contended';

/** What a bucket knows, as plain values, to be continued elsewhere. */
export interface BucketKnowledge {
  readonly heldUntil: LocalInstant;
  readonly cautiousUntil: LocalInstant;
  /** The route whose answers made the window. */
  readonly route: string;
  readonly window: WindowKnowledge | undefined;
  readonly subLimits: readonly SubLimitKnowledge[];
}

/**
 * What a bucket knows of its limits: its window, and for some buckets holds, sub-limits and the windows of single
 * routes. Pure: time and the count of requests in flight that may still be counted are arguments.
 */
export class BucketState extends Window {
  /** The route whose answers made the window, as long as it is one; empty before an answer. */
  #route = '';
  #extras: BucketExtras | undefined;

  /** Continues from what another one knew, with nothing in flight. */
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

  /** The route whose answers made the window; empty without one. */
  get route(): string {
    return this.#route;
  }

  /** Whether answers came without any rate-limit headers, so that only the global limit holds. */
  get isUnlimited(): boolean {
    return this.#extras?.isUnlimited === true;
  }

  set isUnlimited(isUnlimited: boolean) {
    if (this.isUnlimited !== isUnlimited) this.ownExtras.isUnlimited = isUnlimited;
  }

  /** Whether the bucket is of one route alone, as evidence showed that the routes of its hash count apart. */
  get countsApart(): boolean {
    return this.#extras?.countsApart === true;
  }

  set countsApart(countsApart: boolean) {
    if (this.countsApart !== countsApart) this.ownExtras.countsApart = countsApart;
  }

  /** Limits on some of the requests that no header shows. */
  get subLimits(): SubLimits | undefined {
    return this.#extras?.subLimits;
  }

  /** The instant after which nothing that happened before can matter any more. */
  override get idleAt(): LocalInstant {
    return Math.max(super.idleAt, this.#extras?.idleAt ?? Number.NEGATIVE_INFINITY);
  }

  /** The latest instant at which the limit is over: of a hold and the window's reset the later one (seed). */
  override get resetAt(): LocalInstant {
    return Math.max(0, super.resetAt, this.#extras?.heldUntil ?? 0);
  }

  /** How many requests may leave at `now` besides the `inFlight` that are under way. */
  override available(inFlight: number, now: LocalInstant): number {
    const extras = this.#extras;
    if (extras === undefined) return super.available(inFlight, now);
    if (extras.heldUntil > now) return 0;
    return extras.isUnlimited ? Number.POSITIVE_INFINITY : super.available(inFlight, now);
  }

  /** How long until one more request may leave; `Infinity` when that takes an answer to one in flight. */
  override waitFor(inFlight: number, now: LocalInstant): Duration {
    const extras = this.#extras;
    if (extras === undefined) return super.waitFor(inFlight, now);
    const held = extras.heldFor(now);
    if (extras.isUnlimited) return held;
    if (inFlight > 0 && this.isCautious(now)) return Number.POSITIVE_INFINITY;
    return Math.max(held, super.waitFor(inFlight, now));
  }

  /** How long a request with these fields has to wait for their sake; `Infinity` when that takes an answer. */
  waitForFields(fields: readonly string[], now: LocalInstant): Duration {
    return this.#extras?.subLimits?.waitForFields(fields, now) ?? 0;
  }

  /** How long none of the requests may leave, whatever the window says. */
  heldFor(now: LocalInstant): Duration {
    return this.#extras?.heldFor(now) ?? 0;
  }

  /** Lets requests leave one at a time until `until`. */
  beCautiousUntil(until: LocalInstant): void {
    this.ownExtras.cautiousUntil = until;
  }

  /** Takes its sub-limits from where they are known better. */
  setSubLimits(known: readonly SubLimitKnowledge[]): void {
    this.ownExtras.subLimits = SubLimits.from(known);
  }

  /** Whether requests go one at a time, as something unknown uses the bucket, too. */
  isCautious(now: LocalInstant): boolean {
    return this.#extras !== undefined && this.#extras.cautiousUntil > now;
  }

  /** Lets nothing leave before `until`. */
  hold(until: LocalInstant): void {
    const extras = this.ownExtras;
    extras.heldUntil = Math.max(extras.heldUntil, until);
  }

  /** Lets requests leave one at a time for some windows. */
  beCautious(now: LocalInstant): void {
    const extras = this.ownExtras;
    const { cautiousUntil, heldUntil } = extras;
    extras.cautiousUntil = Math.max(cautiousUntil, now, heldUntil) + CAUTIOUS_WINDOWS * this.period;
  }

  /** A limit that no header shows refused a request. */
  refuse(route: string, refusal: HiddenRefusal): SubLimit {
    const extras = this.ownExtras;
    extras.subLimits ??= new SubLimits();
    return extras.subLimits.refuse(route, refusal);
  }

  /**
   * Learns from an answer while `inFlight` others are under way; of one that proves its route to be separate, the
   * bucket itself learns nothing.
   */
  learn(observation: Observation, inFlight: number): Finding {
    const { route, refused, headers, receivedAt, departures } = observation;
    const extras = this.#extras;
    if (extras !== undefined) {
      extras.isUnlimited = false;
      if (extras.countsApart) extras.informedAt = Math.min(extras.informedAt, departures);
    }
    if (!this.isHeard) {
      this.observe(observation);
      this.#route = route;
      return 'none';
    }
    if (this.routesFor(route)?.isSeparate(observation)) return 'separate';
    // The request that was answered was in flight until now.
    const expected = this.leastRemaining(inFlight + 1, receivedAt);
    const isNews = this.observeAmong(observation);
    return isNews && (refused ? headers.remaining === 0 : headers.remaining < expected) ? 'contended' : 'none';
  }

  /** Whether a request of this place in the order of departure could know of the window from answers. */
  wasInformed(departure: number): boolean {
    return this.#extras !== undefined && this.#extras.informedAt <= departure;
  }

  /** What is known of a route's counter if it is its own. */
  windowOf(route: string): Window | undefined {
    const routes = this.#extras?.routes;
    if (routes) return routes.get(route);
    return this.isHeard && route === this.#route ? this : undefined;
  }

  /** Takes over what holds another bucket, and the limits there that no header shows. */
  inherit(other: BucketState): void {
    const theirs = other.#extras;
    if (theirs === undefined) return;
    this.hold(theirs.heldUntil);
    const ours = this.ownExtras;
    ours.cautiousUntil = Math.max(ours.cautiousUntil, theirs.cautiousUntil);
    ours.subLimits ??= theirs.subLimits?.clone();
  }

  /** Continues with all that another one knows; in flight is what is in flight here. */
  continueFrom(other: BucketState): void {
    if (other.isHeard) this.adopt(other.#route, other);
    this.inherit(other);
  }

  /** What is to be known at `now` should those in flight never tell anything, counted by `lostAt` at the latest. */
  bucketKnowledge(inFlight: number, now: LocalInstant, lostAt: LocalInstant): BucketKnowledge {
    const { heldUntil, cautiousUntil, subLimits } = this.#extras ?? new BucketExtras();
    // Without a window there is nothing to count the request in that was to find out: wait until it has arrived.
    const isProbed = !this.isHeard && !this.isUnlimited && inFlight > 0;
    return {
      heldUntil: isProbed ? Math.max(heldUntil, lostAt) : heldUntil,
      cautiousUntil,
      route: this.#route,
      window: this.isHeard ? this.knowledgeAfterLoss(inFlight, now, lostAt) : undefined,
      subLimits: subLimits?.limits.map((limit) => limit.knowledge(now, lostAt)) ?? [],
    };
  }

  /** Takes a window over for the one route that the bucket has from now on. */
  adopt(route: string, window: Window): void {
    if (window.isHeard) this.takeOver(window.knowledge);
    this.#route = route;
    if (this.#extras) this.#extras.routes = undefined;
  }

  /**
   * Takes over a window that others have heard of, unless it is known here. What answers to this process told stays as it
   * is: whether routes count together can only be told from answers whose order of departure is known.
   */
  hearFrom(route: string, known: WindowKnowledge): void {
    if (this.isHeard) return;
    this.takeOver(known);
    this.#route = route;
  }

  private get ownExtras(): BucketExtras {
    this.#extras ??= new BucketExtras();
    return this.#extras;
  }

  /** The windows of the single routes, if this one is not the only one to have answered. */
  private routesFor(route: string): RouteWindows | undefined {
    if (route !== this.#route) this.ownExtras.routes ??= new RouteWindows(this.#route, this);
    return this.#extras?.routes;
  }

  /** Several routes' answers are compared with those of the same route only. */
  private observeAmong(observation: Observation): boolean {
    const routes = this.#extras?.routes;
    const isNews = this.observe(observation, routes === undefined);
    if (routes !== undefined) this.agreeWith(routes.observe(observation), observation.headers);
    return isNews;
  }
}
