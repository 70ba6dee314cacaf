import { RollingLimit } from './rolling-limit.js';
import { TOLERANCE } from './tolerance.js';

/** The limit after which Cloudflare bans an address. */
export interface InvalidRequestLimit {
  /** The response that completes this many invalid requests in any one period starts the ban. Default 10,000. */
  readonly limit?: number;
  /** Milliseconds. Default 600,000: ten minutes. */
  readonly period?: number;
  /** Length of the ban in ms. Default 3,600,000: one hour. */
  readonly ban?: number;
}

/** The statuses that Discord counts as invalid requests. */
const INVALID: ReadonlySet<number> = new Set([401, 403, 429]);

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;

/**
 * Whether a response counts as an invalid request.
 *
 * @param isShared - whether the refusal has the scope `shared`, which is not the client's fault
 */
export function isInvalid(status: number, isShared: boolean): boolean {
  return INVALID.has(status) && !isShared;
}

/** Counts the invalid requests of each address, and bans addresses that make too many. */
export class InvalidRequests {
  readonly #limit: Required<InvalidRequestLimit> | null;
  readonly #counts = new Map<string, RollingLimit>();
  readonly #bannedUntil = new Map<string, number>();

  /** @param limit - `null` bans no address */
  constructor(limit: InvalidRequestLimit | null = {}) {
    this.#limit = limit === null ? null : { limit: 10_000, period: TEN_MINUTES, ban: HOUR, ...limit };
  }

  /** Milliseconds until the ban of the address ends; 0 without a ban. */
  banned(address: string, now: number): number {
    const wait = (this.#bannedUntil.get(address) ?? now) - now;
    return wait > TOLERANCE ? wait : 0;
  }

  /**
   * Counts an invalid request that was answered at `now` (ms). After a ban, the count of its address starts again at 0.
   */
  add(address: string, now: number): void {
    if (this.#limit === null) return;
    const { limit, period, ban } = this.#limit;
    const count = this.#counts.get(address) ?? new RollingLimit(limit, period);
    this.#counts.set(address, count);
    count.hit(now);
    if (count.wait(now) === 0) return;
    this.#counts.delete(address);
    this.#bannedUntil.set(address, now + ban);
  }

  clear(): void {
    this.#counts.clear();
    this.#bannedUntil.clear();
  }
}
