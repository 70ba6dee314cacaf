import { HEADER_PRECISION } from './reset.js';
import type { Duration, LocalInstant } from './units.js';

/** A request that was admitted: what it held, and between which instants it was under way. */
export interface AdmittedRequest {
  readonly fields: readonly string[];
  readonly sentAt: LocalInstant;
  readonly receivedAt: LocalInstant;
}

/** A request that a limit refused which no header shows. */
export interface HiddenRefusal {
  /** The top-level fields of its body; `undefined` when the limit concerns requests whatever they hold. */
  readonly fields: readonly string[] | undefined;
  readonly retryAfter: Duration;
  readonly receivedAt: LocalInstant;
  /** What was admitted before, oldest first, as far as it is remembered. */
  readonly admitted: readonly AdmittedRequest[];
}

/** Fields that are known to have limits of their own (facts part 4, #1900): suspected before all others. */
const SUSPECTS: Readonly<Record<string, readonly string[]>> = { 'PATCH /channels/{channel}': ['name', 'topic'] };

/** Sub-limits that a bucket remembers; Discord has one or two where it has any. */
const MOST_SUB_LIMITS = 8;

/** How many fields a sub-limit suspects at most; a body of more is no body of Discord's. */
const MOST_FIELDS = 64;

/** What a sub-limit knows, as plain values, to be continued elsewhere. */
export interface SubLimitKnowledge {
  readonly fields: readonly string[] | undefined;
  readonly count: number;
  readonly period: Duration;
  readonly endsAt: LocalInstant;
  readonly used: number;
}

/** One limit that no header shows, as refusals taught it: so many requests with these fields in a period. */
export class SubLimit {
  /** Fields one of which is limited; `undefined`: every request counts. */
  #fields: Set<string> | undefined;
  #count = 1;
  #period: Duration;
  /** The latest instant at which the present period ends. */
  #endsAt: LocalInstant;
  /** Requests admitted in it. */
  #used: number;
  #inFlight = 0;

  constructor(refusal: HiddenRefusal, suspects: readonly string[] | undefined) {
    this.#fields = suspects && new Set(suspects.slice(0, MOST_FIELDS));
    this.#period = refusal.retryAfter;
    this.#endsAt = refusal.receivedAt + refusal.retryAfter;
    this.#used = 1;
    this.#measure(refusal);
  }

  /** The fields that are suspected, or `undefined` when every request counts. */
  get fields(): readonly string[] | undefined {
    return this.#fields && [...this.#fields];
  }

  /** Whether every request counts, whatever it holds. */
  get concernsAll(): boolean {
    return this.#fields === undefined;
  }

  /** Requests that a period admits, as far as is known. */
  get count(): number {
    return this.#count;
  }

  /** Length of a period, as far as is known. */
  get period(): Duration {
    return this.#period;
  }

  /** When its present period is over at the latest. */
  get endsAt(): LocalInstant {
    return this.#endsAt;
  }

  /** Requests admitted in the present period. */
  get used(): number {
    return this.#used;
  }

  /** Continues from what another one knew, with nothing in flight. */
  static from({ fields, count, period, endsAt, used }: SubLimitKnowledge): SubLimit {
    const limit = new SubLimit({ fields, retryAfter: period, receivedAt: 0, admitted: [] }, fields);
    limit.#count = count;
    limit.#endsAt = endsAt;
    limit.#used = used;
    return limit;
  }

  /** The same knowledge with nothing in flight. */
  clone(): SubLimit {
    return SubLimit.from({ ...this.#told, endsAt: this.#endsAt, used: this.#used });
  }

  /** What is to be known at `now` should those in flight never tell anything, admitted by `lostAt` at the latest. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): SubLimitKnowledge {
    const used = this.#inFlight + (now < this.#endsAt ? this.#used : 0);
    const opensAnother = this.#inFlight > 0 && this.#endsAt <= lostAt;
    return { ...this.#told, used, endsAt: opensAnother ? lostAt + this.#period + HEADER_PRECISION : this.#endsAt };
  }

  concerns(fields: readonly string[]): boolean {
    const suspects = this.#fields;
    return suspects === undefined || fields.some((field) => suspects.has(field));
  }

  /** How long until one more request may leave; `Infinity` when that takes the end of one in flight. */
  waitFor(now: LocalInstant): Duration {
    const isOpen = now < this.#endsAt;
    const left = this.#count - this.#inFlight - (isOpen ? this.#used : 0);
    if (left >= 1) return 0;
    return isOpen && this.#inFlight < this.#count ? this.#endsAt - now : Number.POSITIVE_INFINITY;
  }

  leave(): void {
    this.#inFlight++;
  }

  /** A request ended that had left; `counted` when it may have been admitted. */
  end(counted: boolean, now: LocalInstant): void {
    this.#inFlight--;
    if (!counted) return;
    // The period opens with its first request, which was admitted by now.
    if (now >= this.#endsAt) {
      this.#endsAt = now + this.#period + HEADER_PRECISION;
      this.#used = 0;
    }
    this.#used++;
  }

  /** It refused again: less is admitted than was thought, or by fewer fields. */
  refuse(refusal: HiddenRefusal): void {
    const { fields } = refusal;
    if (fields && this.#fields) {
      const both = fields.filter((field) => this.#fields?.has(field));
      if (both.length > 0) this.#fields = new Set(both);
    }
    this.#endsAt = refusal.receivedAt + refusal.retryAfter;
    this.#measure(refusal);
  }

  get #told(): Pick<SubLimitKnowledge, 'fields' | 'count' | 'period'> {
    return { fields: this.fields, count: this.#count, period: this.#period };
  }

  /** Counts what was admitted in the period that the refusal belongs to. */
  #measure({ admitted, retryAfter, receivedAt }: HiddenRefusal): void {
    const uses = admitted.filter(({ fields }) => this.concerns(fields));
    const end = receivedAt + retryAfter;
    const opening = openingOf(uses, end);
    const first = uses[opening];
    this.#count = Math.max(1, uses.length - opening);
    this.#used = this.#count;
    // A server that counts in periods opens each with its first request, here at the earliest when that left.
    if (first) this.#period = end - first.sentAt;
  }
}

/**
 * Which use opened the period that ends at `end`: the latest for which all uses before it fall into periods of the same
 * length. Without uses it is 0.
 */
function openingOf(uses: readonly AdmittedRequest[], end: LocalInstant): number {
  for (let index = uses.length - 1; index > 0; index--) {
    const candidate = uses[index];
    if (candidate && opens(uses, index, end - candidate.sentAt)) return index;
  }
  return 0;
}

function opens(uses: readonly AdmittedRequest[], index: number, period: Duration): boolean {
  let endsAt = Number.NEGATIVE_INFINITY;
  for (const [position, { sentAt }] of uses.slice(0, index + 1).entries()) {
    const opensPeriod = sentAt >= endsAt;
    if (opensPeriod) endsAt = sentAt + period;
    if (position === index) return opensPeriod;
  }
  return false;
}

/** The limits of one bucket that no header shows. Pure. */
export class SubLimits {
  #limits: SubLimit[] = [];

  /** Continues from what others knew. */
  static from(known: readonly SubLimitKnowledge[]): SubLimits {
    const limits = new SubLimits();
    limits.#limits = known.slice(0, MOST_SUB_LIMITS).map((limit) => SubLimit.from(limit));
    return limits;
  }

  /** The same knowledge for another bucket, with nothing in flight. */
  clone(): SubLimits {
    const copy = new SubLimits();
    copy.#limits = this.#limits.map((limit) => limit.clone());
    return copy;
  }

  /** The instant after which none of them holds anything. */
  get idleAt(): LocalInstant {
    return Math.max(Number.NEGATIVE_INFINITY, ...this.#limits.map(({ endsAt }) => endsAt));
  }

  /** All of them. */
  get limits(): readonly SubLimit[] {
    return this.#limits;
  }

  /** Those that concern a request with these fields, as bits in the order of all of them. */
  maskOf(fields: readonly string[]): number {
    return this.#limits.reduce((mask, limit, index) => (limit.concerns(fields) ? mask | (1 << index) : mask), 0);
  }

  /** Those that concern a request with these fields. */
  concerning(fields: readonly string[]): readonly SubLimit[] {
    return this.#limits.filter((limit) => limit.concerns(fields));
  }

  /** How long until any request may leave; `Infinity` when that takes the end of one in flight. */
  waitForAny(now: LocalInstant): Duration {
    return longestWait(this.#limits, now, ({ concernsAll }) => concernsAll);
  }

  /** How long a request has to wait for the sake of its fields. */
  waitForFields(fields: readonly string[], now: LocalInstant): Duration {
    if (fields.length === 0) return 0;
    return longestWait(this.#limits, now, (limit) => !limit.concernsAll && limit.concerns(fields));
  }

  /** Learns from a refusal. @returns The limit that refused. */
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

/** The fields of a refused request that may be the limited one. */
function suspectsOf(route: string, fields: readonly string[]): readonly string[] {
  const suspects = fields.filter((field) => SUSPECTS[route]?.includes(field));
  return suspects.length > 0 ? suspects : fields;
}
