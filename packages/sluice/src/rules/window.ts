import type { RateLimitHeaders } from './headers.js';
import { compareResets, HEADER_PRECISION, narrow, type Reset, resetOf } from './reset.js';
import type { Duration, LocalInstant } from './units.js';
import { evidenceOf, inferKind, type KindEvidence, keepEvidence, type WindowKind } from './window-kind.js';

/** Absorbs the error of floating-point sums when a level is compared with a limit. */
const EPSILON = 1e-6;

/** What one answer says about a window, and between which instants it was under way. */
export interface Observation {
  readonly headers: RateLimitHeaders;
  /** When the request left, or earlier. */
  readonly sentAt: LocalInstant;
  /** When its answer was here. */
  readonly receivedAt: LocalInstant;
  /** Place in the order of acquire: of two that left at one instant, the lower left first. */
  readonly order: number;
  /** Identity of the route that was answered. */
  readonly route: string;
  /** Whether the request was refused (429) and so did not count. */
  readonly refused: boolean;
}

/** What a window knows, as plain values, to be continued elsewhere. */
export interface WindowKnowledge {
  readonly kind: WindowKind;
  readonly limit: number;
  readonly left: number;
  readonly reset: Reset;
  readonly unit: Duration;
  readonly longestReset: Duration;
  readonly lost: number;
  readonly lastLostAt: LocalInstant;
  readonly heardAt: LocalInstant;
  readonly heardOrder: number;
}

/**
 * One counter of the server as it can be known from here: at every instant, how many requests may leave so that none
 * is refused, whatever the network does to them. Theory and proofs: docs/theory.md.
 *
 * Pure: time is an argument, and the count of requests in flight, too, as it belongs to the bucket.
 */
export class Window {
  #kind: WindowKind = 'unknown';
  #limit: number;
  #reset: Reset;
  /** Fixed and unknown kinds: the least `remaining` that an answer of the present window told. */
  #left: number;
  /** Sliding kind: the time in which one request drains; a lower bound, as the smaller value is the safe one. */
  #unit: Duration;
  /** The longest time to a reset that was seen at this limit. */
  #longestReset: Duration;
  #evidence: KindEvidence | undefined;
  /** When what is known of the present window, its reset and what is left, was heard of. */
  #heardAt: LocalInstant;
  /** The place in the order of acquire of the request that told. */
  #heardOrder: number;
  /** Requests that ended without telling whether they were counted, and when the last of them did. */
  #lost = 0;
  #lastLostAt: LocalInstant = Number.NEGATIVE_INFINITY;

  /** A window begins with the first answer that tells of it. */
  constructor(first: Observation) {
    const { headers } = first;
    this.#limit = headers.limit;
    this.#reset = resetOf(headers, first.sentAt, first.receivedAt);
    this.#left = headers.remaining;
    this.#unit = leastUnit(headers);
    this.#longestReset = headers.resetAfter;
    this.#evidence = first.refused ? undefined : evidenceOf(first.route, headers);
    this.#heardAt = first.receivedAt;
    this.#heardOrder = first.order;
  }

  get kind(): WindowKind {
    return this.#kind;
  }

  /** Requests a full window admits. */
  get limit(): number {
    return this.#limit;
  }

  /** Length of a window, as far as it is known: never longer than the true one. */
  get period(): Duration {
    return this.#kind === 'sliding' ? this.#unit * this.#limit : this.#longestReset;
  }

  /** The latest local instant at which the window is full again. */
  get resetAt(): LocalInstant {
    return this.#reset.latest;
  }

  /** The instant after which nothing that happened before can matter any more. */
  get idleAt(): LocalInstant {
    return this.#kind === 'sliding' ? this.#emptyAt() : Math.max(this.#reset.latest, this.#lostUntil());
  }

  /** How many requests may leave at `now` besides the `inFlight` that are under way; may be negative. */
  available(inFlight: number, now: LocalInstant): number {
    return (this.#kind === 'sliding' ? this.#room(now) : this.#remaining(now)) - inFlight;
  }

  /**
   * How long until one more request may leave: 0 when it may now, `Infinity` when only an answer to one of those in
   * flight can make room.
   */
  waitFor(inFlight: number, now: LocalInstant): Duration {
    if (this.available(inFlight, now) >= 1) return 0;
    if (inFlight >= this.#limit) return Number.POSITIVE_INFINITY;
    return this.#kind === 'sliding' ? this.#waitForDrain(inFlight, now) : this.#waitForReset(inFlight, now);
  }

  /** Continues from what another window knew. */
  static from(known: WindowKnowledge): Window {
    const { limit, left: remaining } = known;
    const headers = { bucket: '', limit, remaining, resetAfter: known.longestReset };
    const { heardAt: receivedAt, heardOrder: order } = known;
    const window = new Window({ headers, route: '', sentAt: 0, receivedAt, order, refused: true });
    window.#kind = known.kind;
    window.#reset = known.reset;
    window.#unit = known.unit;
    window.#lost = known.lost;
    window.#lastLostAt = known.lastLostAt;
    return window;
  }

  /** All that matters of what is known. */
  get knowledge(): WindowKnowledge {
    return {
      kind: this.#kind,
      limit: this.#limit,
      left: this.#left,
      reset: this.#reset,
      unit: this.#unit,
      longestReset: this.#longestReset,
      lost: this.#lost,
      lastLostAt: this.#lastLostAt,
      heardAt: this.#heardAt,
      heardOrder: this.#heardOrder,
    };
  }

  /**
   * What is to be known at `now` should the `inFlight` under way never tell anything: each was counted by `lostAt`, or
   * never will be.
   */
  knowledgeAfterLoss(inFlight: number, now: LocalInstant, lostAt: LocalInstant): WindowKnowledge {
    if (inFlight === 0) return this.knowledge;
    const lost = inFlight + (now < this.idleAt ? this.#lost : 0);
    return { ...this.knowledge, lost, lastLostAt: Math.max(this.#lastLostAt, lostAt) };
  }

  /** The least `remaining` that an answer can tell while `inFlight` are under way, if nobody else uses the counter. */
  leastRemaining(inFlight: number, now: LocalInstant): number {
    return this.#kind === 'sliding' ? Number.NEGATIVE_INFINITY : this.#remaining(now) - inFlight;
  }

  /**
   * Whether an answer proves that its counter is another than this window's. Its request left after this window had
   * been heard of, and was answered while it was open; so if both were one counter, the reset would be equal and fewer
   * would remain, or the reset would have moved on and more than this one request would stand in the window.
   */
  isContradictedBy({ headers, sentAt, order, refused }: Observation): boolean {
    const { limit, remaining, reset, resetAfter } = headers;
    const { server } = this.#reset;
    // A limit that changed explains any number.
    if (refused || limit < 2 || limit !== this.#limit) return false;
    if (reset === undefined || server === undefined) return false;
    const leftBefore = this.#heardAt > sentAt || (this.#heardAt === sentAt && this.#heardOrder > order);
    if (leftBefore || reset - resetAfter >= server - HEADER_PRECISION) return false;
    const moved = reset - server;
    if (moved > HEADER_PRECISION) return remaining === limit - 1;
    return moved < -HEADER_PRECISION || remaining >= this.#left;
  }

  /** Learns from an answer; `false` when it says less than what is known. */
  observe(observation: Observation): boolean {
    this.#inferKind(observation);
    const reset = resetOf(observation.headers, observation.sentAt, observation.receivedAt);
    const order = compareResets(reset, this.#reset);
    // An answer of an older window, or one that a newer answer overtook, says less than what is known.
    if (order >= 0) this.#apply(observation, reset, order === 0);
    // Whatever was lost before this request left was counted before it, or never will be.
    if (observation.sentAt >= this.#lastLostAt) this.#lost = 0;
    return order >= 0;
  }

  /** A request ended without an answer: it was counted by `now`, or never will be. */
  lose(now: LocalInstant): void {
    if (now >= this.idleAt) this.#lost = 0;
    this.#lost++;
    // What was under way before a restart may be counted later than this.
    this.#lastLostAt = Math.max(this.#lastLostAt, now);
  }

  /** States the window outright, for callers who know better than any answer. */
  set(values: { limit: number; remaining: number; resetAt: LocalInstant }, now: LocalInstant): void {
    this.#limit = values.limit;
    this.#left = values.remaining;
    this.#reset = { earliest: values.resetAt, latest: values.resetAt, server: undefined };
    this.#longestReset = Math.max(0, values.resetAt - now);
    this.#unit = this.#longestReset / Math.max(1, values.limit - values.remaining);
    this.#lost = 0;
  }

  #apply({ headers, receivedAt, order }: Observation, reset: Reset, sameReset: boolean): void {
    const limitChanged = headers.limit !== this.#limit;
    this.#limit = headers.limit;
    if (!sameReset || headers.remaining < this.#left) {
      this.#heardAt = receivedAt;
      this.#heardOrder = order;
    }
    this.#reset = sameReset ? narrow(this.#reset, reset) : reset;
    this.#left = sameReset ? Math.min(this.#left, headers.remaining) : headers.remaining;
    this.#longestReset = limitChanged ? headers.resetAfter : Math.max(this.#longestReset, headers.resetAfter);
    this.#unit = limitChanged ? leastUnit(headers) : narrowUnit(this.#unit, headers);
  }

  #inferKind({ headers, route, refused }: Observation): void {
    // A refused request moves no reset, so it would make a sliding window look fixed.
    const next = refused ? undefined : evidenceOf(route, headers);
    if (next === undefined) return;
    const kind = this.#evidence && inferKind(this.#evidence, next);
    this.#evidence = keepEvidence(this.#evidence, next);
    if (kind === undefined || kind === this.#kind) return;
    // What looked like a unit while the window was fixed never was one.
    if (this.#kind === 'fixed') this.#unit = leastUnit(headers);
    this.#kind = kind;
  }

  /** Fixed and unknown kinds: what is left of the window that is open at `now`, or of the one to come. */
  #remaining(now: LocalInstant): number {
    const remaining = now < this.#reset.latest ? this.#left : this.#limit;
    return now < this.#lostUntil() ? remaining - this.#lost : remaining;
  }

  /** Sliding kind: how many whole requests fit on top of the level at `now`. */
  #room(now: LocalInstant): number {
    const level = Math.max(0, this.#emptyAt() - now) / this.#unit;
    return Math.floor(this.#limit - level + EPSILON);
  }

  #waitForReset(inFlight: number, now: LocalInstant): Duration {
    const changes = [this.#reset.latest, this.#lostUntil()].sort((a, b) => a - b);
    const at = changes.find((change) => change > now && this.available(inFlight, change) >= 1);
    return at === undefined ? Number.POSITIVE_INFINITY : at - now;
  }

  #waitForDrain(inFlight: number, now: LocalInstant): Duration {
    return Math.max(0, this.#emptyAt() - (this.#limit - 1 - inFlight) * this.#unit - now);
  }

  /** Fixed and unknown kinds: until when requests that were lost may stand in a window. */
  #lostUntil(): LocalInstant {
    if (this.#lost === 0) return Number.NEGATIVE_INFINITY;
    const period = this.#longestReset + HEADER_PRECISION;
    if (this.#kind === 'fixed') return this.#lastLostAt + period;
    // It may be sliding: then each of them moved the reset by a unit, which is no longer than that.
    return Math.max(this.#lastLostAt, this.#reset.latest) + this.#lost * period;
  }

  /** Sliding kind: the latest instant at which the level is zero. */
  #emptyAt(): LocalInstant {
    if (this.#lost === 0) return this.#reset.latest;
    return Math.max(this.#reset.latest, this.#lastLostAt) + this.#lost * this.#unit;
  }
}

/** Of `limit − remaining` whole units at most, `resetAfter` is what is left to drain: no unit can be shorter. */
function leastUnit({ limit, remaining, resetAfter }: RateLimitHeaders): Duration {
  return Math.max(resetAfter - HEADER_PRECISION, EPSILON) / Math.max(1, limit - remaining);
}

/** The level is above `limit − remaining − 1`: no unit can be longer. */
function greatestUnit({ limit, remaining, resetAfter }: RateLimitHeaders): Duration {
  return (resetAfter + HEADER_PRECISION) / Math.max(0, limit - remaining - 1);
}

/** Each answer narrows the unit from below; one that contradicts what is known starts it anew. */
function narrowUnit(unit: Duration, headers: RateLimitHeaders): Duration {
  const least = leastUnit(headers);
  return unit > greatestUnit(headers) ? least : Math.max(unit, least);
}
