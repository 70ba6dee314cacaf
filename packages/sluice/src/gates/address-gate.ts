import type { Clock, Timer } from '../clock/clock.js';
import { steady } from '../clock/steady-clock.js';
import { systemClock } from '../clock/system-clock.js';
import type { Coordinator } from '../coordination/coordinator.js';
import { AddressExchanges } from '../coordination/shared-address.js';
import { InvalidRequestLimitError } from '../errors.js';
import { type InvalidAnswer, type InvalidRequestLimit, InvalidRequests } from '../rules/invalid-requests.js';
import type { GuardKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { InvalidRequestGuard, InvalidRequestGuardOptions } from './invalid-request-guard.js';
import { checkCount } from './option-checks.js';
import type { TurnTaker } from './turn-taker.js';

/** A manager whose requests pass the gate. */
export interface GuardedManager {
  /** A hold has begun: for some time, no request may leave. */
  onHeld(): void;
}

/** The gate that every request of one IP address passes, whatever its authorization. */
export class AddressGate implements InvalidRequestGuard {
  readonly limit: number;
  readonly period: Duration;
  readonly margin: number;
  readonly onLimit: 'hold' | 'reject';
  readonly clock: Clock;
  readonly #requests: InvalidRequests;
  readonly #managers = new Set<GuardedManager>();
  /** Lines that have a request to send and wait for this gate alone. */
  readonly #lines = new Set<TurnTaker>();
  /** The line whose turn it is to pass one request. */
  #serving: TurnTaker | undefined;
  #bannedUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #wake: { readonly at: LocalInstant; readonly timer: Timer } | undefined;
  #exchanges: AddressExchanges | undefined;
  /** Whether a hold has begun of which the managers do not know yet. */
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

  get count(): number {
    return this.#requests.count(this.clock.now());
  }

  get bannedUntil(): LocalInstant {
    return this.#bannedUntil;
  }

  heldFor(now: LocalInstant): Duration {
    return Math.max(0, Math.max(this.#bannedUntil, this.#requests.heldUntil(now)) - now);
  }

  /** How long until a line may pass a request; `Infinity` when that takes the end of one, or the turns of others. */
  waitFor(line: TurnTaker, now: LocalInstant): Duration {
    if (!this.#admits(now)) return this.#freeAt(now) - now;
    return this.#lines.size === 0 || this.#serving === line ? 0 : Number.POSITIVE_INFINITY;
  }

  /** The error for a request that is rejected instead of held. */
  errorFor(route: { toString(): string }): InvalidRequestLimitError | undefined {
    if (this.onLimit === 'hold') return undefined;
    const now = this.clock.now();
    const retryAfter = this.#requests.heldUntil(now) - now;
    if (retryAfter <= 0) return undefined;
    return new InvalidRequestLimitError({ route: String(route), retryAfter, count: this.count, limit: this.limit });
  }

  /** A request leaves. */
  take(): void {
    this.#serving = undefined;
    this.#requests.take();
  }

  /** A request ended without an invalid response. Call {@link serve} next. */
  end(): void {
    this.#requests.end();
  }

  /** A request ended with an invalid response. Call {@link serve} next. */
  endInvalid(): InvalidAnswer {
    const now = this.clock.now();
    this.#exchanges?.reportInvalid(now);
    const answer = this.#requests.endInvalid(now);
    this.#hasNewHold ||= answer.isLast;
    return answer;
  }

  /** The server bans this address. Call {@link serve} next. */
  banAll(until: LocalInstant): void {
    this.#exchanges?.reportBan(until);
    this.ban(until);
  }

  /** The address is banned, as this or another process found out. Call {@link serve} next. */
  ban(until: LocalInstant): void {
    this.#hasNewHold ||= until > this.#bannedUntil;
    this.#bannedUntil = Math.max(this.#bannedUntil, until);
  }

  /** Puts a line behind those that wait already, for a turn to pass one request. */
  queue(line: TurnTaker): void {
    this.#lines.add(line);
    this.#arm();
  }

  /** Takes a line out of those that wait. */
  leave(line: TurnTaker): void {
    if (this.#lines.delete(line) && this.#lines.size === 0) this.#arm();
  }

  /** Informs the managers of a hold that has begun, and gives turns for as long as requests may leave. */
  serve(): void {
    if (this.#hasNewHold) {
      this.#hasNewHold = false;
      for (const manager of this.#managers) manager.onHeld();
    }
    if (this.#lines.size === 0) return;
    const now = this.clock.now();
    // A line with more requests queues again behind the others, and so gets another turn in this loop.
    for (const line of this.#lines) {
      if (!this.#admits(now)) break;
      this.#lines.delete(line);
      this.#serving = line;
      line.onTurn();
    }
    this.#serving = undefined;
    this.#arm();
  }

  /** The knowledge that outlives the process. */
  get knowledge(): GuardKnowledge {
    return { bannedUntil: this.#bannedUntil, invalid: this.#requests.counted(this.clock.now()) };
  }

  /** Continues from before a restart; each manager that shares the guard may restore the same. */
  restore({ bannedUntil, invalid }: GuardKnowledge): void {
    this.#requests.restore(invalid, this.clock.now());
    this.ban(bannedUntil);
    this.serve();
  }

  /** Counts together with the other processes that send from this address. */
  shareThrough(coordinator: Coordinator): void {
    const { clock, period } = this;
    this.#exchanges ??= new AddressExchanges(coordinator, {
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

  /** A manager sends through this gate until it is {@link detach}ed. */
  attach(manager: GuardedManager): void {
    this.#managers.add(manager);
  }

  /** */
  detach(manager: GuardedManager): void {
    this.#managers.delete(manager);
    if (this.#managers.size > 0) return;
    this.#exchanges?.close();
    this.#exchanges = undefined;
  }

  /** Invalid responses in other processes may begin a hold here, or end one. */
  #onOthers(learn: () => void): void {
    const before = this.heldFor(this.clock.now());
    learn();
    this.#hasNewHold ||= this.heldFor(this.clock.now()) > before;
    this.serve();
  }

  #admits(now: LocalInstant): boolean {
    return this.#bannedUntil <= now && this.#requests.admits(now);
  }

  /** Not before `now`, as time may have passed since a line found no room. */
  #freeAt(now: LocalInstant): LocalInstant {
    return Math.max(now, this.#bannedUntil, this.#requests.roomAt(now));
  }

  /**
   * Keeps one deadline for all lines that wait; without a known instant, the end of a request in flight serves them.
   */
  #arm(): void {
    const at = this.#lines.size === 0 ? Number.POSITIVE_INFINITY : this.#freeAt(this.clock.now());
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
