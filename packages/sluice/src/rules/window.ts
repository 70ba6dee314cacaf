import type { RateLimitHeaders } from './headers.js';
import { compareInstants, compareResets, HEADER_PRECISION, latestReset, narrow, type Reset, resetOf } from './reset.js';
import type { Duration, LocalInstant, ServerInstant } from './units.js';
import { inferKind, type WindowKind } from './window-kind.js';

/** Absorbs the rounding error of floating-point sums when a level is compared with a limit. */
const EPSILON = 1e-6;

/** The headers of one response, and between which instants its request was in flight. */
export interface Observation {
  readonly headers: RateLimitHeaders;
  /** When the request was sent, or earlier. */
  readonly sentAt: LocalInstant;
  /** When the response was received. */
  readonly receivedAt: LocalInstant;
  /** The position of the request in the order of departure. */
  readonly departure: number;
  /** How many requests had been sent when the response was received. */
  readonly departures: number;
  /** Identity of the request's route. */
  readonly route: string;
  /** Whether the request was refused (429) and so did not count. */
  readonly refused: boolean;
}

/** The state of a window as plain values, from which another window can continue. */
export interface WindowKnowledge {
  readonly kind: WindowKind;
  /** Requests that a full window admits. */
  readonly limit: number;
  /** Fixed and unknown kinds: the least `remaining` that a response of the current window reported. */
  readonly left: number;
  readonly reset: Reset;
  /** Sliding kind: the time in which one request drains, in ms. */
  readonly unit: Duration;
  /** The longest time to a reset that was seen at this limit, in ms. */
  readonly longestReset: Duration;
  /** Requests that ended without a response and may have been counted. */
  readonly lost: number;
  /** When the last of them ended; `-Infinity` without any. */
  readonly lastLostAt: LocalInstant;
  /** How many requests had been sent when the current window was last updated; 0 when all are sent later. */
  readonly knownSince: number;
}

/** State that few windows need, allocated on demand because a process has many windows. */
interface WindowExtras {
  /** The earliest instant of a reset that the server did not send as an instant on its own clock. */
  earliest: LocalInstant | undefined;
  /** Requests that ended without a response and may have been counted, and when the last of them ended. */
  lost: number;
  lastLostAt: LocalInstant;
}

const NO_LOSSES = { lost: 0, lastLostAt: Number.NEGATIVE_INFINITY };

/** Replaces the time to a reset when the last response proves nothing about the kind. */
const NO_EVIDENCE = -1;

/**
 * One counter of the server, as far as responses reveal it: how many requests may be sent at any instant so that none
 * is refused, whatever the network does to them. docs/theory.md has the theory and the proofs.
 *
 * Before the first response, one request at a time finds out. Pure: time is an argument, and so is the number of
 * requests in flight, which belongs to the bucket.
 *
 * A process has as many windows as buckets, so a window has few fields, and its methods are `private` instead of
 * `#private`: `#private` methods make every instance 8 bytes larger.
 */
export class Window {
  #kind: WindowKind = 'unknown';
  /** 0 before the first response. */
  #limit = 0;
  /** Fixed and unknown kinds: the least `remaining` that a response of the current window reported. */
  #left = 0;
  /** The latest local instant at which the window is full again; 0 before the first response. */
  #latest: LocalInstant = 0;
  /** The same instant on the server's clock, if the server sent it. */
  #server: ServerInstant | undefined;
  /** Sliding kind: the time in which a full window drains, in whole ms. A lower bound, because shorter is safer. */
  #drain: Duration = 1;
  /** The longest time to a reset that was seen at this limit. */
  #longestReset: Duration = 0;
  /** The time to the reset in the last response; {@link NO_EVIDENCE} when that was a refusal. */
  #resetAfter: Duration = NO_EVIDENCE;
  /** How many requests had been sent when the current window was last updated. */
  #knownSince = 0;
  #extras: WindowExtras | undefined;

  /** Whether the window is known from a response. */
  get isKnown(): boolean {
    return this.#limit > 0;
  }

  get kind(): WindowKind {
    return this.#kind;
  }

  /** Requests that a full window admits; 1 before the first response. */
  get limit(): number {
    return this.#limit || 1;
  }

  /** Length of a window as far as it is known, never longer than the true one; 0 before the first response. */
  get period(): Duration {
    return this.#kind === 'sliding' ? this.#drain : this.#longestReset;
  }

  /** The latest local instant at which the window is full again. */
  get resetAt(): LocalInstant {
    return this.#latest;
  }

  /** The instant from which nothing that has happened so far limits a request. */
  get idleAt(): LocalInstant {
    return this.lastEffect();
  }

  /** How many requests may be sent at `now` in addition to the `inFlight`; may be negative. */
  available(inFlight: number, now: LocalInstant): number {
    return this.free(inFlight, now);
  }

  /**
   * How long until one more request may be sent: 0 for now, `Infinity` when only the response to a request in flight
   * can make room.
   */
  waitFor(inFlight: number, now: LocalInstant): Duration {
    if (this.free(inFlight, now) >= 1) return 0;
    if (inFlight >= this.limit) return Number.POSITIVE_INFINITY;
    return this.#kind === 'sliding' ? this.waitForDrain(inFlight, now) : this.waitForReset(inFlight, now);
  }

  /** A copy. */
  clone(): Window {
    const window = new Window();
    if (this.isKnown) window.takeOver(this.knowledge);
    window.#resetAfter = this.#resetAfter;
    return window;
  }

  /** Continues from the state of another window. */
  takeOver(known: WindowKnowledge): void {
    const { reset, lost, lastLostAt } = known;
    this.#kind = known.kind;
    this.#limit = compact(known.limit);
    this.#left = compact(known.left);
    this.setReset(reset);
    this.setUnit(known.unit);
    this.#longestReset = compact(known.longestReset);
    this.#resetAfter = NO_EVIDENCE;
    this.#knownSince = known.knownSince;
    if (lost > 0) this.setLost(lost, lastLostAt);
  }

  /** The state as plain values, once the window is known. */
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
      knownSince: this.#knownSince,
    };
  }

  /**
   * The state at `now` if none of the `inFlight` ever gets a response. The server counted each of them by `lostAt`, or
   * never will.
   */
  knowledgeAfterLoss(inFlight: number, now: LocalInstant, lostAt: LocalInstant): WindowKnowledge {
    const { knowledge } = this;
    if (inFlight === 0) return knowledge;
    const lost = inFlight + (now < this.lastEffect() ? knowledge.lost : 0);
    return { ...knowledge, lost, lastLostAt: Math.max(knowledge.lastLostAt, lostAt) };
  }

  /** The least `remaining` that a response can report with `inFlight` requests, if no other client uses the counter. */
  leastRemaining(inFlight: number, now: LocalInstant): number {
    return this.#kind === 'sliding' ? Number.NEGATIVE_INFINITY : this.remaining(now) - inFlight;
  }

  /**
   * Whether a response proves that its counter is not the one of this window. The request was sent after this window
   * was last updated, and the server responded while the window was open. With one counter, either the reset would be
   * equal and fewer requests would remain, or the reset would be later and the window would hold more than this one
   * request.
   */
  isContradictedBy({ headers, departure, refused }: Observation): boolean {
    const { limit, remaining, reset, resetAfter } = headers;
    const server = this.#server;
    // A limit that changed explains any number.
    if (refused || limit < 2 || limit !== this.#limit) return false;
    if (reset === undefined || server === undefined) return false;
    if (departure < this.#knownSince || reset - resetAfter >= server - HEADER_PRECISION) return false;
    const moved = reset - server;
    if (moved > HEADER_PRECISION) return remaining === limit - 1;
    return moved < -HEADER_PRECISION || remaining >= this.#left;
  }

  /**
   * Learns from a response.
   *
   * @param isComparable Whether the last response was of the same route, so that the two prove the kind of the window.
   * @returns Whether it says more than what is known already.
   */
  observe(observation: Observation, isComparable = true): boolean {
    if (!this.isKnown) {
      this.begin(observation);
      return true;
    }
    if (isComparable) this.inferKind(observation);
    const order = this.compare(observation);
    // A response of an older window, or one that a newer response overtook, says less than what is known.
    if (order >= 0) this.apply(observation, order === 0);
    // A request that was lost before this one was sent was counted before it, or never will be.
    if (this.#extras !== undefined && observation.sentAt >= this.#extras.lastLostAt) this.#extras.lost = 0;
    return order >= 0;
  }

  /** Takes the kind of another window of the same counter, which learned from the same response. */
  agreeWith(other: Window, headers: RateLimitHeaders): void {
    if (other.#kind !== 'unknown') this.setKind(other.#kind, headers);
  }

  /** Records that a request ended without a response: the server counted it by `now`, or never will. */
  lose(now: LocalInstant): void {
    if (!this.isKnown) return;
    const { lost, lastLostAt } = this.losses;
    // A request from before a restart may be counted later than this one.
    this.setLost(now >= this.lastEffect() ? 1 : lost + 1, Math.max(lastLostAt, now));
  }

  /** Sets the window, for callers who know more than any response says. */
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
    this.#knownSince = departures;
  }

  /** Compares a response's reset with the known one: positive when it is later, negative when earlier, else 0. */
  private compare(observation: Observation): number {
    const { reset } = observation.headers;
    if (reset !== undefined && this.#server !== undefined) return compareInstants(reset, this.#server);
    return compareResets(resetOf(observation), this.reset);
  }

  private apply(observation: Observation, isSameReset: boolean): void {
    const { headers, departures, refused } = observation;
    const limitChanged = headers.limit !== this.#limit;
    if (!isSameReset || headers.remaining < this.#left) this.#knownSince = departures;
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
      const reported = resetOf(observation);
      this.setReset(isSameReset ? narrow(this.reset, reported) : reported);
      return;
    }
    // When the server's clock decides, no bounds are compared, and no objects need to be allocated.
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
    // The unit that was measured while the window was fixed means nothing.
    if (this.#kind === 'fixed' && kind === 'sliding') this.setUnit(leastUnit(headers));
    this.#kind = kind;
  }

  private get reset(): Reset {
    return { earliest: this.earliest, latest: this.#latest, server: this.#server };
  }

  /** Only a reset without an instant on the server's clock needs an earliest instant. */
  private get earliest(): LocalInstant | undefined {
    return this.#server === undefined ? this.#extras?.earliest : undefined;
  }

  /** Rounds up to whole ms, as timers do anyway. */
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
    if (!this.isKnown) return Number.NEGATIVE_INFINITY;
    return this.#kind === 'sliding' ? this.emptyAt() : Math.max(this.#latest, this.lostUntil());
  }

  /** Fixed and unknown kinds: requests left in the window that is open at `now`, or in the next one. */
  private remaining(now: LocalInstant): number {
    const remaining = this.isKnown && now < this.#latest ? this.#left : this.limit;
    return now < this.lostUntil() ? remaining - this.losses.lost : remaining;
  }

  /** Sliding kind: how many more requests fit at `now`. */
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

  /** Fixed and unknown kinds: until when lost requests may count in a window. */
  private lostUntil(): LocalInstant {
    const { lost, lastLostAt } = this.losses;
    if (lost === 0) return Number.NEGATIVE_INFINITY;
    const period = this.#longestReset + HEADER_PRECISION;
    if (this.#kind === 'fixed') return lastLostAt + period;
    // The window may be sliding. Then each lost request moved the reset by one unit, which is at most a period.
    return Math.max(lastLostAt, this.#latest) + lost * period;
  }

  /** Sliding kind: the latest instant at which the level is zero. */
  private emptyAt(): LocalInstant {
    const { lost, lastLostAt } = this.losses;
    return lost === 0 ? this.#latest : Math.max(this.#latest, lastLostAt) + lost * this.unit;
  }
}

/**
 * Returns the same number, in the form that V8 stores inside the object if it is a small integer. Any other number
 * takes 16 bytes on the heap, and makes every object of its class take as much for that field (docs/benchmarks.md).
 */
function compact(value: number): number {
  const whole = value | 0;
  return whole === value ? whole : value;
}

/** The lower bound of a unit: `resetAfter` is the time in which at most `limit − remaining` units drain. */
function leastUnit({ limit, remaining, resetAfter }: RateLimitHeaders): Duration {
  return Math.max(resetAfter - HEADER_PRECISION, EPSILON) / Math.max(1, limit - remaining);
}

/** The upper bound of a unit: the level is above `limit − remaining − 1`. */
function greatestUnit({ limit, remaining, resetAfter }: RateLimitHeaders): Duration {
  return (resetAfter + HEADER_PRECISION) / Math.max(0, limit - remaining - 1);
}

/** Each response narrows the unit from below. A response that contradicts the known unit replaces it. */
function narrowUnit(unit: Duration, headers: RateLimitHeaders): Duration {
  const least = leastUnit(headers);
  return unit > greatestUnit(headers) ? least : Math.max(unit, least);
}
