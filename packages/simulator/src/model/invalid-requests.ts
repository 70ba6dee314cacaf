import { RollingLimit } from './rolling-limit.js';
import { TOLERANCE } from './tolerance.js';

/** When Cloudflare bans an address (facts, part 6). */
export interface InvalidRequestLimit {
  /** The answer that completes this many invalid requests in any one period starts the ban. Default 10,000. */
  readonly limit?: number;
  /** Milliseconds. Default 600,000, which is ten minutes. */
  readonly period?: number;
  /** Milliseconds for which the address is banned. Default 3,600,000, which is an hour. */
  readonly ban?: number;
}

/** The statuses that Discord counts as invalid requests. */
const INVALID: ReadonlySet<number> = new Set([401, 403, 429]);

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;

/**
 * Whether an answer counts as an invalid request.
 *
 * @param isShared - whether the request was refused with the scope `shared`, for which the client is not to blame
 */
export function isInvalid(status: number, isShared: boolean): boolean {
  return INVALID.has(status) && !isShared;
}

/** Counts the invalid requests of each address, and bans those that make too many. */
export class InvalidRequests {
  readonly #limit: Required<InvalidRequestLimit> | null;
  readonly #counts = new Map<string, RollingLimit>();
  readonly #bannedUntil = new Map<string, number>();

  /** @param limit - `null` bans nobody */
  constructor(limit: InvalidRequestLimit | null = {}) {
    this.#limit = limit === null ? null : { limit: 10_000, period: TEN_MINUTES, ban: HOUR, ...limit };
  }

  /** Milliseconds until the address may come again; 0 unless it is banned. */
  banned(address: string, now: number): number {
    const wait = (this.#bannedUntil.get(address) ?? now) - now;
    return wait > TOLERANCE ? wait : 0;
  }

  /** Counts an invalid request that was answered at `now` (ms). Its address starts anew after a ban. */
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
