import { HEADER_PRECISION } from './reset.js';
import type { SubLimitView } from './sub-limit-view.js';
import type { Duration, LocalInstant } from './units.js';

/** A request that was admitted: its fields, and between which instants it was in flight. */
export interface AdmittedRequest {
  /** The top-level fields of its body. */
  readonly fields: readonly string[];
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/** A request that was refused by a limit that no header shows. */
export interface HiddenRefusal {
  /** The top-level fields of its body; `undefined` when the limit applies to all requests, whatever their fields. */
  readonly fields: readonly string[] | undefined;
  /** How long to wait, in ms. */
  readonly retryAfter: Duration;
  readonly receivedAt: LocalInstant;
  /** The requests that were admitted before, oldest first, as far as they are remembered. */
  readonly admitted: readonly AdmittedRequest[];
}

/**
 * Fields that are known to have limits of their own (`discord-api-docs#1900`). They are suspected before all others.
 */
const SUSPECTS: Readonly<Record<string, readonly string[]>> = { 'PATCH /channels/{channel}': ['name', 'topic'] };

/** The number of sub-limits that a bucket remembers. Discord's routes have one or two, if any. */
const MOST_SUB_LIMITS = 8;

/** The number of fields that a sub-limit suspects. No body that Discord accepts has more. */
const MOST_FIELDS = 64;

/** The state of a sub-limit as plain values, from which another bucket can continue. */
export interface SubLimitKnowledge {
  /** See {@link SubLimitView.fields}. */
  readonly fields: readonly string[] | undefined;
  /** See {@link SubLimitView.count}. */
  readonly count: number;
  /** See {@link SubLimitView.period}. */
  readonly period: Duration;
  /** See {@link SubLimitView.endsAt}. */
  readonly endsAt: LocalInstant;
  /** See {@link SubLimitView.used}. */
  readonly used: number;
}

/** Measures one limit that no header shows, and counts the requests that it applies to. */
export class SubLimit implements SubLimitView {
  #fields: Set<string> | undefined;
  #count = 1;
  #period: Duration;
  #endsAt: LocalInstant;
  #used: number;
  #inFlight = 0;

  constructor(refusal: HiddenRefusal, suspects: readonly string[] | undefined) {
    this.#fields = suspects && new Set(suspects.slice(0, MOST_FIELDS));
    this.#period = refusal.retryAfter;
    this.#endsAt = refusal.receivedAt + refusal.retryAfter;
    this.#used = 1;
    this.#measure(refusal);
  }

  get fields(): readonly string[] | undefined {
    return this.#fields && [...this.#fields];
  }

  /** Whether the limit applies to every request, whatever its fields. */
  get concernsAll(): boolean {
    return this.#fields === undefined;
  }

  get count(): number {
    return this.#count;
  }

  get period(): Duration {
    return this.#period;
  }

  get endsAt(): LocalInstant {
    return this.#endsAt;
  }

  get used(): number {
    return this.#used;
  }

  /** Restores a sub-limit without requests in flight. */
  static from({ fields, count, period, endsAt, used }: SubLimitKnowledge): SubLimit {
    const limit = new SubLimit({ fields, retryAfter: period, receivedAt: 0, admitted: [] }, fields);
    limit.#count = count;
    limit.#endsAt = endsAt;
    limit.#used = used;
    return limit;
  }

  /** A copy without requests in flight. */
  clone(): SubLimit {
    return SubLimit.from({ ...this.#measured, endsAt: this.#endsAt, used: this.#used });
  }

  /**
   * The state at `now` if no request in flight ever gets a response. The server admitted each of them by `lostAt`, or
   * never will.
   */
  knowledge(now: LocalInstant, lostAt: LocalInstant): SubLimitKnowledge {
    const used = this.#inFlight + (now < this.#endsAt ? this.#used : 0);
    const opensAnother = this.#inFlight > 0 && this.#endsAt <= lostAt;
    return { ...this.#measured, used, endsAt: opensAnother ? lostAt + this.#period + HEADER_PRECISION : this.#endsAt };
  }

  /** Whether the limit applies to a request with these fields. */
  concerns(fields: readonly string[]): boolean {
    const suspects = this.#fields;
    return suspects === undefined || fields.some((field) => suspects.has(field));
  }

  /** How long until one more request may be sent; `Infinity` when a request in flight has to end first. */
  waitFor(now: LocalInstant): Duration {
    const isOpen = now < this.#endsAt;
    const left = this.#count - this.#inFlight - (isOpen ? this.#used : 0);
    if (left >= 1) return 0;
    return isOpen && this.#inFlight < this.#count ? this.#endsAt - now : Number.POSITIVE_INFINITY;
  }

  /** Records that a request is sent. */
  leave(): void {
    this.#inFlight++;
  }

  /** Records that a request ended at `now`. `counted` says whether the server may have admitted it. */
  end(counted: boolean, now: LocalInstant): void {
    this.#inFlight--;
    if (!counted) return;
    // A period begins with its first request, which was admitted by now.
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.#period + HEADER_PRECISION;
      this.#used = 0;
    }
    this.#used++;
  }

  /** Learns from another refusal: the limit admits fewer requests than assumed, or depends on fewer fields. */
  refuse(refusal: HiddenRefusal): void {
    const { fields } = refusal;
    if (fields && this.#fields) {
      const both = fields.filter((field) => this.#fields?.has(field));
      if (both.length > 0) this.#fields = new Set(both);
    }
    this.#endsAt = refusal.receivedAt + refusal.retryAfter;
    this.#measure(refusal);
  }

  get #measured(): Pick<SubLimitKnowledge, 'fields' | 'count' | 'period'> {
    return { fields: this.fields, count: this.#count, period: this.#period };
  }

  /** Measures count and period from the requests that were admitted in the period of the refusal. */
  #measure({ admitted, retryAfter, receivedAt }: HiddenRefusal): void {
    const uses = admitted.filter(({ fields }) => this.concerns(fields));
    const end = receivedAt + retryAfter;
    const opening = openingOf(uses, end);
    const first = uses[opening];
    this.#count = Math.max(1, uses.length - opening);
    this.#used = this.#count;
    // The server begins a period with its first request: at the earliest when that request was sent.
    if (first) this.#period = end - first.sentAt;
  }
}

/**
 * The index of the use that began the period that ends at `end`: the latest use for which all earlier uses fall into
 * periods of the same length. 0 without uses.
 */
function openingOf(uses: readonly AdmittedRequest[], end: LocalInstant): number {
  for (let index = uses.length - 1; index > 0; index--) {
    const candidate = uses[index];
    if (candidate && opens(uses, index, end - candidate.sentAt)) return index;
  }
  return 0;
}

/** Whether the use at `index` begins a period, if all periods have this length. */
function opens(uses: readonly AdmittedRequest[], index: number, period: Duration): boolean {
  let endsAt = Number.NEGATIVE_INFINITY;
  for (const [position, { sentAt }] of uses.slice(0, index + 1).entries()) {
    const opensPeriod = sentAt >= endsAt;
    if (opensPeriod) endsAt = sentAt + period;
    if (position === index) return opensPeriod;
  }
  return false;
}

/** All limits of one bucket that no header shows. Pure: time is an argument. */
export class SubLimits {
  #limits: SubLimit[] = [];

  /** Restores sub-limits without requests in flight. */
  static from(known: readonly SubLimitKnowledge[]): SubLimits {
    const limits = new SubLimits();
    limits.#limits = known.slice(0, MOST_SUB_LIMITS).map((limit) => SubLimit.from(limit));
    return limits;
  }

  /** A copy for another bucket, without requests in flight. */
  clone(): SubLimits {
    const copy = new SubLimits();
    copy.#limits = this.#limits.map((limit) => limit.clone());
    return copy;
  }

  /** The instant at which the current periods of all sub-limits are over. */
  get idleAt(): LocalInstant {
    return Math.max(Number.NEGATIVE_INFINITY, ...this.#limits.map(({ endsAt }) => endsAt));
  }

  /** All sub-limits, the newest first. */
  get limits(): readonly SubLimit[] {
    return this.#limits;
  }

  /** A bit mask of the sub-limits that apply to a request with these fields, in the order of {@link limits}. */
  maskOf(fields: readonly string[]): number {
    return this.#limits.reduce((mask, limit, index) => (limit.concerns(fields) ? mask | (1 << index) : mask), 0);
  }

  /** The sub-limits that apply to a request with these fields. */
  concerning(fields: readonly string[]): readonly SubLimit[] {
    return this.#limits.filter((limit) => limit.concerns(fields));
  }

  /** How long all requests wait, whatever their fields; `Infinity` when a request in flight has to end first. */
  waitForAny(now: LocalInstant): Duration {
    return longestWait(this.#limits, now, ({ concernsAll }) => concernsAll);
  }

  /** How long a request waits because of its fields; `Infinity` when a request in flight has to end first. */
  waitForFields(fields: readonly string[], now: LocalInstant): Duration {
    if (fields.length === 0) return 0;
    return longestWait(this.#limits, now, (limit) => !limit.concernsAll && limit.concerns(fields));
  }

  /** Learns from a refusal. @returns The sub-limit that refused the request. */
  refuse(route: string, refusal: HiddenRefusal): SubLimit {
    const known = this.#limits.find((limit) => isSame(limit, refusal.fields));
    if (known) {
      known.refuse(refusal);
      return known;
    }
    const limit = new SubLimit(refusal, refusal.fields && suspectsOf(route, refusal.fields));
    this.#limits = [limit, ...this.#limits].slice(0, MOST_SUB_LIMITS);
    return limit;
  }
}

function longestWait(limits: readonly SubLimit[], now: LocalInstant, holds: (limit: SubLimit) => boolean): Duration {
  return limits.reduce((wait, limit) => (holds(limit) ? Math.max(wait, limit.waitFor(now)) : wait), 0);
}

function isSame(limit: SubLimit, fields: readonly string[] | undefined): boolean {
  return fields === undefined ? limit.concernsAll : !limit.concernsAll && limit.concerns(fields);
}

/** The fields of a refused request that may be limited. */
function suspectsOf(route: string, fields: readonly string[]): readonly string[] {
  const suspects = fields.filter((field) => SUSPECTS[route]?.includes(field));
  return suspects.length > 0 ? suspects : fields;
}
