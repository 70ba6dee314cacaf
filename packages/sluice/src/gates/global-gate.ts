import type { Clock, Timer } from '../clock/clock.js';
import { GlobalLimit } from '../rules/global-limit.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { GateKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { AddressGate } from './address-gate.js';
import { Queue, QueueNode } from './queue.js';
import type { TurnTaker } from './turn-taker.js';

/** How a request that passed has ended: with an answer that counts as invalid, with any other or none, or unsent. */
export type PassEnd = 'invalid' | 'other' | 'unsent';

class Ticket extends QueueNode {
  readonly taker: TurnTaker;

  constructor(taker: TurnTaker, priority: number, sequence: number) {
    super(priority, sequence);
    this.taker = taker;
  }
}

/** What a gate needs of its manager. */
export interface GateOptions {
  readonly clock: Clock;
  /** Requests per second; `Infinity` keeps no limit. */
  readonly limit: number;
  /** What every request of this IP address has to pass, whatever the authentication. */
  readonly address: AddressGate;
  /** Called when requests have to wait here. */
  readonly onLimited: (retryAfter: Duration, isReactive: boolean) => void;
  /** Called after an invalid answer, once all is learned from it. */
  readonly onInvalid: (answer: InvalidAnswer) => void;
  /** Called when those in line could use more slots of the global limit than are ours. */
  readonly onShort?: (() => void) | undefined;
  /** Called when somebody has left the line, so that there may be more slots than are needed. */
  readonly onLeft?: (() => void) | undefined;
}

/**
 * Where the requests of one authentication pass one by one under its global limit. Buckets wait in line, higher
 * priorities first; each passes one request a turn, so that a long queue cannot starve the others. Requests that are
 * exempt from the global limit pass the address of the IP address only.
 */
export class GlobalGate implements TurnTaker {
  readonly #options: GateOptions;
  readonly #limit: GlobalLimit | undefined;
  readonly #line = new Queue<Ticket>();
  readonly #tickets = new Map<TurnTaker, Ticket>();
  #sequence = 0;
  #throttledUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #serving: TurnTaker | undefined;
  #wake: Timer | undefined;
  /** Whether the present wait has been told. */
  #isLimited = false;
  #untold: InvalidAnswer[] = [];

  constructor(options: GateOptions) {
    this.#options = options;
    this.#limit = Number.isFinite(options.limit) ? new GlobalLimit(options.limit) : undefined;
  }

  /** The global limit; `undefined` when none is kept. */
  get limit(): GlobalLimit | undefined {
    return this.#limit;
  }

  /** How many slots those in line could use at once. */
  get demand(): number {
    let demand = 0;
    for (const { taker } of this.#line) demand += taker.slotDemand;
    return demand;
  }

  /** As a taker of the address, it waits for the address, not for slots. */
  get slotDemand(): number {
    return 0;
  }

  /** Whether the gate remembers nothing that matters at `now`. */
  isIdle(now: LocalInstant): boolean {
    const free = this.#limit === undefined || this.#limit.isIdle(now);
    return free && this.#line.isEmpty && this.#throttledUntil <= now;
  }

  /** How long all requests of this authentication are held; the exempt ones only if the whole address is. */
  heldFor(isExempt: boolean, now: LocalInstant): Duration {
    const held = this.#options.address.heldFor(now);
    return isExempt ? held : Math.max(held, this.#throttledUntil - now);
  }

  /** Holds all requests of this authentication until `until`. */
  throttle(until: LocalInstant): void {
    this.#throttledUntil = Math.max(this.#throttledUntil, until);
  }

  /** What outlives the process: those in flight end by `lostAt`. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): GateKnowledge {
    return { heldUntil: this.#throttledUntil, ends: this.#limit?.ends(now, lostAt) ?? [] };
  }

  /** Reckons with what was known before a restart. */
  restore({ heldUntil, ends }: GateKnowledge): void {
    this.throttle(heldUntil);
    this.#limit?.restore(ends);
  }

  /** Lets a taker pass if there is room, and either nobody is in line or it is the taker's turn. */
  pass(taker: TurnTaker, isExempt: boolean, now: LocalInstant): boolean {
    const { address } = this.#options;
    if (isExempt ? address.waitFor(taker, now) > 0 : !this.#takeTurn(taker, now)) return false;
    address.take();
    return true;
  }

  /** Puts a taker in line; one that is there already moves up if its priority has risen. */
  queue(taker: TurnTaker, priority: number, isExempt: boolean): void {
    if (isExempt) {
      this.#options.address.queue(taker);
      return;
    }
    const waiting = this.#tickets.get(taker);
    if (waiting !== undefined && waiting.priority >= priority) {
      this.#askForSlots(this.#options.clock.now());
      return;
    }
    if (waiting !== undefined) this.#line.remove(waiting);
    const ticket = new Ticket(taker, priority, this.#sequence++);
    this.#tickets.set(taker, ticket);
    this.#line.insert(ticket);
    this.#arm(this.#options.clock.now());
  }

  /** Takes a taker out of line. */
  leave(taker: TurnTaker): void {
    this.#options.address.leave(taker);
    const ticket = this.#tickets.get(taker);
    if (ticket === undefined) return;
    this.#tickets.delete(taker);
    this.#line.remove(ticket);
    this.#options.onLeft?.();
    if (!this.#line.isEmpty) return;
    this.#isLimited = false;
    this.#options.address.leave(this);
  }

  /** A request that passed has ended. Then {@link serve}, once all is learned from its answer. */
  end(how: PassEnd, isExempt: boolean, now: LocalInstant): void {
    const { address } = this.#options;
    if (how === 'invalid') this.#untold.push(address.endInvalid());
    else address.end();
    if (isExempt) return;
    if (how === 'unsent') this.#limit?.giveBack();
    else this.#limit?.end(now);
  }

  /** Tells of invalid answers, and calls those in line, here and at the address, for as long as there is room. */
  serve(): void {
    // What was waited for may come earlier now, if slots have become ours.
    if (this.#options.onShort !== undefined) this.#disarm();
    while (this.#untold.length > 0) this.#options.onInvalid(this.#untold.shift() as InvalidAnswer);
    this.#options.address.serve();
    if (!this.#line.isEmpty) this.onTurn();
  }

  /** Calls those in line for as long as there is room. */
  onTurn(): void {
    while (!this.#line.isEmpty && this.#waitFor(this.#options.clock.now()) === 0) {
      const ticket = this.#line.shift() as Ticket;
      this.#tickets.delete(ticket.taker);
      this.#serving = ticket.taker;
      ticket.taker.onTurn();
    }
    this.#serving = undefined;
    this.#arm(this.#options.clock.now());
  }

  close(): void {
    this.#disarm();
    this.#options.address.leave(this);
  }

  #disarm(): void {
    this.#wake?.cancel();
    this.#wake = undefined;
  }

  /** Takes one from the global limit, if a taker may. */
  #takeTurn(taker: TurnTaker, now: LocalInstant): boolean {
    const isTurn = this.#serving === taker;
    if (!(isTurn || this.#line.isEmpty) || this.#waitFor(now) > 0) return false;
    this.#serving = undefined;
    this.#limit?.take();
    return true;
  }

  #waitFor(now: LocalInstant): Duration {
    return Math.max(
      this.#options.address.waitFor(this, now),
      this.#throttledUntil - now,
      this.#limit?.waitFor(now) ?? 0,
    );
  }

  #askForSlots(now: LocalInstant): void {
    const { onShort } = this.#options;
    if (onShort !== undefined && this.#limit !== undefined && this.#limit.waitFor(now) > 0) onShort();
  }

  #arm(now: LocalInstant): void {
    if (this.#line.isEmpty) this.#isLimited = false;
    if (this.#line.isEmpty) return;
    const { clock, address, onLimited } = this.#options;
    this.#askForSlots(now);
    if (this.#wake !== undefined) return;
    const wait = this.#waitFor(now);
    if (!this.#isLimited) onLimited(wait, Math.max(address.bannedUntil, this.#throttledUntil) > now);
    this.#isLimited = true;
    if (address.waitFor(this, now) > 0) {
      address.queue(this);
      return;
    }
    // Without a known instant, the end of a request in flight serves those in line.
    if (!Number.isFinite(wait)) return;
    this.#wake = clock.setTimer(now + wait, () => {
      this.#wake = undefined;
      this.serve();
    });
  }
}
