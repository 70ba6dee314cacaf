import type { Clock, Timer } from '../clock/clock.js';
import { steady } from '../clock/steady-clock.js';
import { systemClock } from '../clock/system-clock.js';
import type { Coordinator } from '../coordination/coordinator.js';
import { AddressExchanges } from '../coordination/shared-address.js';
import { InvalidRequestLimitError } from '../errors.js';
import { type InvalidAnswer, type InvalidRequestLimit, InvalidRequests } from '../rules/invalid-requests.js';
import type { GuardKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { TurnTaker } from './global-gate.js';
import { checkCount } from './option-checks.js';

/** How invalid requests are limited (facts part 6). */
export interface InvalidRequestOptions {
  /** Answers of status 401, 403 or 429 (not of scope shared) in any `period`; `Infinity` only counts. Default 10,000. */
  readonly limit?: number;
  /** The time over which they are counted, in ms. Default 600,000. */
  readonly period?: Duration;
  /**
   * The part of `limit`, at least 0 and below 1, that is not used: for whatever else sends from this IP address, and
   * for requests whose answer was lost. Default 0.05.
   */
  readonly margin?: number;
  /**
   * What becomes of further requests at the limit less the margin: they wait until enough answers are older than
   * `period`, or are rejected with `InvalidRequestLimitError`. Default `hold`.
   */
  readonly onLimit?: 'hold' | 'reject';
}

/** Options of an {@link InvalidRequestGuard} that several managers share. */
export interface InvalidRequestGuardOptions extends InvalidRequestOptions {
  /** The source of time; that of every manager that shares the guard. Default: the machine's monotonic clock. */
  readonly clock?: Clock;
}

/** A manager, as a guard sees it. */
export interface GuardedManager {
  /** From now on, and for some time, nothing may leave. */
  onHeld(): void;
}

/**
 * Keeps one IP address from being banned for invalid requests, and silent while it is banned (facts part 6). Give one
 * guard to all managers whose requests leave from one address; a manager that is given none makes its own.
 *
 * Whatever requests are under way, and whatever becomes of them, no period sees more than `limit` less `margin`
 * invalid answers of them, except those that were lost.
 */
export class InvalidRequestGuard {
  readonly limit: number;
  readonly period: Duration;
  readonly margin: number;
  readonly onLimit: 'hold' | 'reject';
  readonly clock: Clock;
  readonly #requests: InvalidRequests;
  readonly #managers = new Set<GuardedManager>();
  /** Those who have something to send, and wait for nothing but this. */
  readonly #waiting = new Set<TurnTaker>();
  /** Whose turn it is to pass once. */
  #serving: TurnTaker | undefined;
  #bannedUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #wake: { readonly at: LocalInstant; readonly timer: Timer } | undefined;
  #membership: AddressExchanges | undefined;
  /** Whether a hold has begun that the managers have not been told of. */
  #hasNewHold = false;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. */
  constructor(options: InvalidRequestGuardOptions = {}) {
    const { limit = 10_000, period = 600_000, margin = 0.05, onLimit = 'hold', clock = systemClock } = options;
    checkOptions({ limit, period, margin, onLimit });
    this.limit = limit;
    this.period = period;
    this.margin = margin;
    this.onLimit = onLimit;
    this.clock = steady(clock);
    this.#requests = new InvalidRequests({ limit, period, margin });
  }

  /** Invalid answers of the last period. */
  get count(): number {
    return this.#requests.count(this.clock.now());
  }

  /** Until when the server bans this address, as far as it told; `-Infinity` before it ever did. */
  get bannedUntil(): LocalInstant {
    return this.#bannedUntil;
  }

  /** How long from `now` nothing may leave, in ms, for a ban or for the invalid answers of the last period. */
  heldFor(now: LocalInstant): Duration {
    return Math.max(0, Math.max(this.#bannedUntil, this.#requests.heldUntil(now)) - now);
  }

  /** @internal How long until a guest may pass; `Infinity` when that takes the end of a request, or others' turns. */
  waitFor(guest: TurnTaker, now: LocalInstant): Duration {
    if (!this.#admits(now)) return this.#freeAt(now) - now;
    return this.#waiting.size === 0 || this.#serving === guest ? 0 : Number.POSITIVE_INFINITY;
  }

  /** @internal Why a request is rejected instead of held. */
  errorFor(route: { toString(): string }): InvalidRequestLimitError | undefined {
    if (this.onLimit === 'hold') return undefined;
    const now = this.clock.now();
    const retryAfter = this.#requests.heldUntil(now) - now;
    if (retryAfter <= 0) return undefined;
    return new InvalidRequestLimitError({ route: String(route), retryAfter, count: this.count, limit: this.limit });
  }

  /** @internal A request leaves. */
  take(): void {
    this.#serving = undefined;
    this.#requests.take();
  }

  /** @internal A request ended without an invalid answer. Then {@link serve}. */
  end(): void {
    this.#requests.end();
  }

  /** @internal A request ended with an invalid answer. Then {@link serve}. */
  endInvalid(): InvalidAnswer {
    const now = this.clock.now();
    this.#membership?.tellInvalid(now);
    const answer = this.#requests.endInvalid(now);
    this.#hasNewHold ||= answer.isLast;
    return answer;
  }

  /** @internal The server bans this address. Then {@link serve}. */
  banAll(until: LocalInstant): void {
    this.#membership?.tellBan(until);
    this.ban(until);
  }

  /** @internal The address is banned, as far as is known here. Then {@link serve}. */
  ban(until: LocalInstant): void {
    this.#hasNewHold ||= until > this.#bannedUntil;
    this.#bannedUntil = Math.max(this.#bannedUntil, until);
  }

  /** @internal Gives a guest its turn to pass once, after those who wait already. */
  queue(guest: TurnTaker): void {
    this.#waiting.add(guest);
    this.#arm();
  }

  /** @internal Takes a guest out of those who wait. */
  leave(guest: TurnTaker): void {
    if (this.#waiting.delete(guest) && this.#waiting.size === 0) this.#arm();
  }

  /** @internal Tells of a hold that has begun, and gives those who wait their turn for as long as more may leave. */
  serve(): void {
    if (this.#hasNewHold) {
      this.#hasNewHold = false;
      for (const manager of this.#managers) manager.onHeld();
    }
    if (this.#waiting.size === 0) return;
    const now = this.clock.now();
    // A guest with more to send queues again behind the others, and so gets another turn in this loop.
    for (const guest of this.#waiting) {
      if (!this.#admits(now)) break;
      this.#waiting.delete(guest);
      this.#serving = guest;
      guest.onTurn();
    }
    this.#serving = undefined;
    this.#arm();
  }

  /** @internal What outlives the process. */
  get knowledge(): GuardKnowledge {
    return { bannedUntil: this.#bannedUntil, invalid: this.#requests.counted(this.clock.now()) };
  }

  /** @internal Reckons with what was known before a restart; each manager that shares the guard may restore the same. */
  restore({ bannedUntil, invalid }: GuardKnowledge): void {
    this.#requests.restore(invalid, this.clock.now());
    this.ban(bannedUntil);
    this.serve();
  }

  /** @internal Counts together with other processes that send from this address. */
  shareThrough(coordinator: Coordinator): void {
    const { clock, period } = this;
    this.#membership ??= new AddressExchanges(coordinator, {
      clock,
      period,
      onOthers: (counted, processes) => this.#onOthers(() => this.#requests.setOthers(counted, processes, clock.now())),
      onMore: (counted) => this.#onOthers(() => this.#requests.addOthers(counted, clock.now())),
      onBanned: (until) => {
        this.ban(until);
        this.serve();
      },
    });
  }

  /** @internal A manager sends under this guard, until it is {@link detach}ed. */
  attach(manager: GuardedManager): void {
    this.#managers.add(manager);
  }

  /** @internal */
  detach(manager: GuardedManager): void {
    this.#managers.delete(manager);
    if (this.#managers.size > 0) return;
    this.#membership?.close();
    this.#membership = undefined;
  }

  /** Others' invalid answers may begin a hold here, or end one. */
  #onOthers(learn: () => void): void {
    const before = this.heldFor(this.clock.now());
    learn();
    this.#hasNewHold ||= this.heldFor(this.clock.now()) > before;
    this.serve();
  }

  #admits(now: LocalInstant): boolean {
    return this.#bannedUntil <= now && this.#requests.admits(now);
  }

  /** Not before `now`, as time may have passed since somebody found that there is no room. */
  #freeAt(now: LocalInstant): LocalInstant {
    return Math.max(now, this.#bannedUntil, this.#requests.roomAt(now));
  }

  /** Keeps one deadline for all who wait; without a known instant, the end of a request in flight serves them. */
  #arm(): void {
    const at = this.#waiting.size === 0 ? Number.POSITIVE_INFINITY : this.#freeAt(this.clock.now());
    if (this.#wake?.at === at) return;
    this.#wake?.timer.cancel();
    this.#wake = undefined;
    if (!Number.isFinite(at)) return;
    const timer = this.clock.setTimer(at, () => {
      this.#wake = undefined;
      this.serve();
    });
    this.#wake = { at, timer };
  }
}

function checkOptions({ limit, period, margin, onLimit }: InvalidRequestLimit & { onLimit: unknown }): void {
  checkCount('limit', limit, 1);
  if (!(period > 0 && period < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`period must be a time in ms above 0, not ${String(period)}`);
  }
  if (!(margin >= 0 && margin < 1)) throw new RangeError(`margin must be from 0 to below 1, not ${String(margin)}`);
  if (onLimit !== 'hold' && onLimit !== 'reject') {
    throw new TypeError(`onLimit must be 'hold' or 'reject', not ${String(onLimit)}`);
  }
}
