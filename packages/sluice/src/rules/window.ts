import type { RateLimitHeaders } from './headers.js';
import { compareInstants, compareResets, HEADER_PRECISION, latestReset, narrow, type Reset, resetOf } from './reset.js';
import type { Duration, LocalInstant, ServerInstant } from './units.js';
import { inferKind, type WindowKind } from './window-kind.js';

/** Absorbs the error of floating-point sums when a level is compared with a limit. */
const EPSILON = 1e-6;

/** What one answer says about a window, and between which instants it was under way. */
export interface Observation {
  readonly headers: RateLimitHeaders;
  /** When the request left, or earlier. */
  readonly sentAt: LocalInstant;
  /** When its answer was here. */
  readonly receivedAt: LocalInstant;
  /** The place of the request in the order of departure. */
  readonly departure: number;
  /** How many requests had left when the answer was here. */
  readonly departures: number;
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
  /** How many requests had left when it was heard; 0 when all leave later. */
  readonly heardAt: number;
}

/** What few windows have to remember, kept apart as there are many windows. */
interface WindowExtras {
  /** The earliest instant of a reset that the server's own clock does not tell. */
  earliest: LocalInstant | undefined;
  /** Requests that ended without telling whether they were counted, and when the last of them did. */
  lost: number;
  lastLostAt: LocalInstant;
}

const NO_LOSSES = { lost: 0, lastLostAt: Number.NEGATIVE_INFINITY };

/** In place of the time to a reset when the last answer proves nothing about the kind. */
const NO_EVIDENCE = -1;

/**
 * One counter of the server as it can be known from here: at every instant, how many requests may leave so that none
 * is refused, whatever the network does to them. Theory and proofs: docs/theory.md.
 *
 * Until an answer tells of it, one request at a time finds out. Pure: time is an argument, and the count of requests in
 * flight, too, as it belongs to the bucket.
 *
 * A process has as many windows as buckets, so their fields are few, and their methods are not `#private`: of classes that
 * have such methods every instance is 8 bytes larger.
 */
export class Window {
  #kind: WindowKind = 'unknown';
  /** 0 until an answer tells it. */
  #limit = 0;
  /** Fixed and unknown kinds: the least `remaining` that an answer of the present window told. */
  #left = 0;
  /** The latest local instant at which the window is full again; 0 until an answer tells it. */
  #latest: LocalInstant = 0;
  /** The same instant on the server's clock, if it was told. */
  #server: ServerInstant | undefined;
  /** Sliding kind: the time in which a full window drains, in whole ms; a lower bound, as the smaller is the safe one. */
  #drain: Duration = 1;
  /** The longest time to a reset that was seen at this limit. */
  #longestReset: Duration = 0;
  /** The time to the reset in the answer that told it; {@link NO_EVIDENCE} when that was a refusal. */
  #resetAfter: Duration = NO_EVIDENCE;
  /** How many requests had left when what is known of the present window was heard. */
  #heardAt = 0;
  #extras: WindowExtras | undefined;

  /** Whether an answer has told of the window. */
  get isHeard(): boolean {
    return this.#limit > 0;
  }

  get kind(): WindowKind {
    return this.#kind;
  }

  /** Requests a full window admits; 1 while it is not known. */
  get limit(): number {
    return this.#limit || 1;
  }

  /** Length of a window, as far as it is known: never longer than the true one; 0 before an answer. */
  get period(): Duration {
    return this.#kind === 'sliding' ? this.#drain : this.#longestReset;
  }

  /** The latest local instant at which the window is full again. */
  get resetAt(): LocalInstant {
    return this.#latest;
  }

  /** The instant after which nothing that happened before can matter any more. */
  get idleAt(): LocalInstant {
    return this.lastEffect();
  }

  /** How many requests may leave at `now` besides the `inFlight` that are under way; may be negative. */
  available(inFlight: number, now: LocalInstant): number {
    return this.free(inFlight, now);
  }

  /**
   * How long until one more request may leave: 0 when it may now, `Infinity` when only an answer to one of those in
   * flight can make room.
   */
  waitFor(inFlight: number, now: LocalInstant): Duration {
    if (this.free(inFlight, now) >= 1) return 0;
    if (inFlight >= this.limit) return Number.POSITIVE_INFINITY;
    return this.#kind === 'sliding' ? this.waitForDrain(inFlight, now) : this.waitForReset(inFlight, now);
  }

  /** Another window that knows the same. */
  clone(): Window {
    const window = new Window();
    if (this.isHeard) window.takeOver(this.knowledge);
    window.#resetAfter = this.#resetAfter;
    return window;
  }

  /** Continues from what another window knew. */
  takeOver(known: WindowKnowledge): void {
    const { reset, lost, lastLostAt } = known;
    this.#kind = known.kind;
    this.#limit = compact(known.limit);
    this.#left = compact(known.left);
    this.setReset(reset);
    this.setUnit(known.unit);
    this.#longestReset = compact(known.longestReset);
    this.#resetAfter = NO_EVIDENCE;
    this.#heardAt = known.heardAt;
    if (lost > 0) this.setLost(lost, lastLostAt);
  }

  /** All that matters of what is known, once anything is. */
  get knowledge(): WindowKnowledge {
    const { lost, lastLostAt } = this.losses;
    return {
      kind: this.#kind,
      limit: this.#limit,
      left: this.#left,
      reset: this.reset,
      unit: this.unit,
      longestReset: this.#longestReset,
      lost,
      lastLostAt,
      heardAt: this.#heardAt,
    };
  }

  /**
   * What is to be known at `now` should the `inFlight` under way never tell anything: each was counted by `lostAt`, or
   * never will be.
   */
  knowledgeAfterLoss(inFlight: number, now: LocalInstant, lostAt: LocalInstant): WindowKnowledge {
    const { knowledge } = this;
    if (inFlight === 0) return knowledge;
    const lost = inFlight + (now < this.lastEffect() ? knowledge.lost : 0);
    return { ...knowledge, lost, lastLostAt: Math.max(knowledge.lastLostAt, lostAt) };
  }

  /** The least `remaining` that an answer can tell while `inFlight` are under way, if nobody else uses the counter. */
  leastRemaining(inFlight: number, now: LocalInstant): number {
    return this.#kind === 'sliding' ? Number.NEGATIVE_INFINITY : this.remaining(now) - inFlight;
  }

  /**
   * Whether an answer proves that its counter is another than this window's. Its request left after this window had
   * been heard of, and was answered while it was open; so if both were one counter, the reset would be equal and fewer
   * would remain, or the reset would have moved on and more than this one request would stand in the window.
   */
  isContradictedBy({ headers, departure, refused }: Observation): boolean {
    const { limit, remaining, reset, resetAfter } = headers;
    const server = this.#server;
    // A limit that changed explains any number.
    if (refused || limit < 2 || limit !== this.#limit) return false;
    if (reset === undefined || server === undefined) return false;
    if (departure < this.#heardAt || reset - resetAfter >= server - HEADER_PRECISION) return false;
    const moved = reset - server;
    if (moved > HEADER_PRECISION) return remaining === limit - 1;
    return moved < -HEADER_PRECISION || remaining >= this.#left;
  }

  /**
   * Learns from an answer; `false` when it says less than what is known.
   *
   * @param isComparable Whether the same route told what is known, so that the two answers prove the window's kind.
   */
  observe(observation: Observation, isComparable = true): boolean {
    if (!this.isHeard) {
      this.begin(observation);
      return true;
    }
    if (isComparable) this.inferKind(observation);
    const order = this.compare(observation);
    // An answer of an older window, or one that a newer answer overtook, says less than what is known.
    if (order >= 0) this.apply(observation, order === 0);
    // Whatever was lost before this request left was counted before it, or never will be.
    if (this.#extras !== undefined && observation.sentAt >= this.#extras.lastLostAt) this.#extras.lost = 0;
    return order >= 0;
  }

  /** Takes its kind from another window of the same counter, which learned from the same answer. */
  agreeWith(other: Window, headers: RateLimitHeaders): void {
    if (other.#kind !== 'unknown') this.setKind(other.#kind, headers);
  }

  /** A request ended without an answer: it was counted by `now`, or never will be. */
  lose(now: LocalInstant): void {
    if (!this.isHeard) return;
    const { lost, lastLostAt } = this.losses;
    // What was under way before a restart may be counted later than this.
    this.setLost(now >= this.lastEffect() ? 1 : lost + 1, Math.max(lastLostAt, now));
  }

  /** States the window outright, for callers who know better than any answer. */
  set(values: { limit: number; remaining: number; resetAt: LocalInstant }, now: LocalInstant): void {
    this.#limit = compact(values.limit);
    this.#left = compact(values.remaining);
    this.setReset({ earliest: values.resetAt, latest: values.resetAt, server: undefined });
    this.#longestReset = compact(Math.max(0, values.resetAt - now));
    this.setUnit(this.#longestReset / Math.max(1, values.limit - values.remaining));
    this.setLost(0, Number.NEGATIVE_INFINITY);
  }

  private begin(observation: Observation): void {
    const { headers, departures, refused } = observation;
    this.#limit = compact(headers.limit);
    this.#left = compact(headers.remaining);
    this.setReset(resetOf(observation));
    this.setUnit(leastUnit(headers));
    this.#longestReset = compact(headers.resetAfter);
    this.#resetAfter = compact(refused ? NO_EVIDENCE : headers.resetAfter);
    this.#heardAt = departures;
  }

  /** Whether an answer's reset is later than the one that is known (positive), earlier, or the same (0). */
  private compare(observation: Observation): number {
    const { reset } = observation.headers;
    if (reset !== undefined && this.#server !== undefined) return compareInstants(reset, this.#server);
    return compareResets(resetOf(observation), this.reset);
  }

  private apply(observation: Observation, isSameReset: boolean): void {
    const { headers, departures, refused } = observation;
    const limitChanged = headers.limit !== this.#limit;
    if (!isSameReset || headers.remaining < this.#left) this.#heardAt = departures;
    this.#left = compact(isSameReset ? Math.min(this.#left, headers.remaining) : headers.remaining);
    this.learnReset(observation, isSameReset);
    this.#longestReset = compact(limitChanged ? headers.resetAfter : Math.max(this.#longestReset, headers.resetAfter));
    const unit = limitChanged ? leastUnit(headers) : narrowUnit(this.unit, headers);
    this.#limit = compact(headers.limit);
    this.setUnit(unit);
    // A refused request moves no reset, so it would make a sliding window look fixed.
    this.#resetAfter = compact(refused ? NO_EVIDENCE : headers.resetAfter);
  }

  private learnReset(observation: Observation, isSameReset: boolean): void {
    if (this.#server === undefined || observation.headers.reset === undefined) {
      const told = resetOf(observation);
      this.setReset(isSameReset ? narrow(this.reset, told) : told);
      return;
    }
    // Where the server's clock decides, the bounds are one number each, and no objects need be made.
    const latest = latestReset(observation);
    this.setLatest(isSameReset ? Math.min(this.#latest, latest) : latest);
    if (!isSameReset) this.#server = observation.headers.reset;
  }

  private inferKind({ headers, refused }: Observation): void {
    if (refused || this.#resetAfter === NO_EVIDENCE) return;
    const { remaining, resetAfter, reset } = headers;
    if (reset === undefined || this.#server === undefined) return;
    const kind = inferKind(
      { remaining: this.#left, resetAfter: this.#resetAfter, reset: this.#server },
      { remaining, resetAfter, reset },
    );
    if (kind !== undefined) this.setKind(kind, headers);
  }

  private setKind(kind: WindowKind, headers: RateLimitHeaders): void {
    // What looked like a unit while the window was fixed never was one.
    if (this.#kind === 'fixed' && kind === 'sliding') this.setUnit(leastUnit(headers));
    this.#kind = kind;
  }

  private get reset(): Reset {
    return { earliest: this.earliest, latest: this.#latest, server: this.#server };
  }

  /** Only a reset that the server's own clock does not tell needs an earliest instant. */
  private get earliest(): LocalInstant | undefined {
    return this.#server === undefined ? this.#extras?.earliest : undefined;
  }

  /** In whole ms, as timers count them anyway. */
  private setLatest(latest: LocalInstant): void {
    this.#latest = compact(Math.ceil(latest));
  }

  private setReset({ earliest, latest, server }: Reset): void {
    this.setLatest(latest);
    this.#server = server;
    if (server !== undefined) return;
    this.#extras ??= { earliest, lost: 0, lastLostAt: Number.NEGATIVE_INFINITY };
    this.#extras.earliest = earliest;
  }

  private get unit(): Duration {
    return this.#drain / this.#limit;
  }

  private setUnit(unit: Duration): void {
    this.#drain = compact(Math.max(1, Math.floor(unit * this.#limit + EPSILON)));
  }

  private get losses(): Pick<WindowExtras, 'lost' | 'lastLostAt'> {
    return this.#extras ?? NO_LOSSES;
  }

  private setLost(lost: number, lastLostAt: LocalInstant): void {
    if (this.#extras === undefined && lost === 0) return;
    this.#extras ??= { earliest: undefined, lost, lastLostAt };
    this.#extras.lost = lost;
    this.#extras.lastLostAt = lastLostAt;
  }

  private free(inFlight: number, now: LocalInstant): number {
    return (this.#kind === 'sliding' ? this.room(now) : this.remaining(now)) - inFlight;
  }

  private lastEffect(): LocalInstant {
    if (!this.isHeard) return Number.NEGATIVE_INFINITY;
    return this.#kind === 'sliding' ? this.emptyAt() : Math.max(this.#latest, this.lostUntil());
  }

  /** Fixed and unknown kinds: what is left of the window that is open at `now`, or of the one to come. */
  private remaining(now: LocalInstant): number {
    const remaining = this.isHeard && now < this.#latest ? this.#left : this.limit;
    return now < this.lostUntil() ? remaining - this.losses.lost : remaining;
  }

  /** Sliding kind: how many whole requests fit on top of the level at `now`. */
  private room(now: LocalInstant): number {
    const level = Math.max(0, this.emptyAt() - now) / this.unit;
    return Math.floor(this.#limit - level + EPSILON);
  }

  private waitForReset(inFlight: number, now: LocalInstant): Duration {
    const changes = [this.#latest, this.lostUntil()].sort((a, b) => a - b);
    const at = changes.find((change) => change > now && this.free(inFlight, change) >= 1);
    return at === undefined ? Number.POSITIVE_INFINITY : at - now;
  }

  private waitForDrain(inFlight: number, now: LocalInstant): Duration {
    return Math.max(0, this.emptyAt() - (this.#limit - 1 - inFlight) * this.unit - now);
  }

  /** Fixed and unknown kinds: until when requests that were lost may stand in a window. */
  private lostUntil(): LocalInstant {
    const { lost, lastLostAt } = this.losses;
    if (lost === 0) return Number.NEGATIVE_INFINITY;
    const period = this.#longestReset + HEADER_PRECISION;
    if (this.#kind === 'fixed') return lastLostAt + period;
    // It may be sliding: then each of them moved the reset by a unit, which is no longer than that.
    return Math.max(lastLostAt, this.#latest) + lost * period;
  }

  /** Sliding kind: the latest instant at which the level is zero. */
  private emptyAt(): LocalInstant {
    const { lost, lastLostAt } = this.losses;
    return lost === 0 ? this.#latest : Math.max(this.#latest, lastLostAt) + lost * this.unit;
  }
}

/**
 * The same number as V8 keeps it within an object if it is whole and small; any other takes 16 bytes elsewhere, and makes
 * all objects of its class take as much for this field (docs/benchmarks.md).
 */
function compact(value: number): number {
  const whole = value | 0;
  return whole === value ? whole : value;
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
