import type { Clock, Timer } from '../clock/clock.js';
import { GlobalLimit } from '../rules/global-limit.js';
import type { InvalidAnswer } from '../rules/invalid-requests.js';
import type { GateKnowledge } from '../rules/knowledge.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { AddressGate } from './address-gate.js';
import { Queue, QueueNode } from './queue.js';
import type { TurnTaker } from './turn-taker.js';

/** How a request that passed has ended: with a response that counts as invalid, with any other or none, or unsent. */
export type PassEnd = 'invalid' | 'other' | 'unsent';

/** The place of a bucket in the line. */
class Ticket extends QueueNode {
  readonly taker: TurnTaker;

  constructor(taker: TurnTaker, priority: number, sequence: number) {
    super(priority, sequence);
    this.taker = taker;
  }
}

/** The parts of its authentication that a gate works with. */
export interface GateOptions {
  readonly clock: Clock;
  /** Requests per second; `Infinity` keeps no limit. */
  readonly limit: number;
  /** The gate that every request of this IP address passes, whatever the authentication. */
  readonly address: AddressGate;
  /** Called when requests have to wait here. */
  readonly onLimited: (retryAfter: Duration, isReactive: boolean) => void;
  /** Called after an invalid response, once all is learned from it. */
  readonly onInvalid: (answer: InvalidAnswer) => void;
  /** Called when the buckets in line could use more slots of the global limit than this process owns. */
  readonly onShort?: (() => void) | undefined;
  /** Called when a bucket has left the line, so that this process may own more slots than it needs. */
  readonly onLeft?: (() => void) | undefined;
}

/**
 * The line under the global limit of one authentication. Buckets wait in it, higher priorities first, and each passes
 * one request per turn, so that a long queue cannot starve the others. Requests that are exempt from the global limit
 * pass the gate of the IP address only.
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
  /** Whether the event for the current wait was emitted. */
  #isLimited = false;
  #unreported: InvalidAnswer[] = [];

  constructor(options: GateOptions) {
    this.#options = options;
    this.#limit = Number.isFinite(options.limit) ? new GlobalLimit(options.limit) : undefined;
  }

  /** The global limit; `undefined` where the option is `Infinity`. */
  get limit(): GlobalLimit | undefined {
    return this.#limit;
  }

  /** Slots that the buckets in line could use at once. */
  get demand(): number {
    let demand = 0;
    for (const { taker } of this.#line) demand += taker.slotDemand;
    return demand;
  }

  /** At the gate of the address, this line waits for the address and needs no slots. */
  get slotDemand(): number {
    return 0;
  }

  /** Whether every slot is free, and nothing waits or is held. */
  isIdle(now: LocalInstant): boolean {
    const free = this.#limit === undefined || this.#limit.isIdle(now);
    return free && this.#line.isEmpty && this.#throttledUntil <= now;
  }

  /** How long all requests of this authentication are held; exempt ones only while the address is held. */
  heldFor(isExempt: boolean, now: LocalInstant): Duration {
    const held = this.#options.address.heldFor(now);
    return isExempt ? held : Math.max(held, this.#throttledUntil - now);
  }

  /** Holds all requests of this authentication until `until`. */
  throttle(until: LocalInstant): void {
    this.#throttledUntil = Math.max(this.#throttledUntil, until);
  }

  /** The knowledge that outlives the process: requests in flight end by `lostAt`. */
  knowledge(now: LocalInstant, lostAt: LocalInstant): GateKnowledge {
    return { heldUntil: this.#throttledUntil, ends: this.#limit?.ends(now, lostAt) ?? [] };
  }

  /** Continues from before a restart. */
  restore({ heldUntil, ends }: GateKnowledge): void {
    this.throttle(heldUntil);
    this.#limit?.restore(ends);
  }

  /** Takes a slot for a request, if there is room, and either the line is empty or it is the bucket's turn. */
  pass(taker: TurnTaker, isExempt: boolean, now: LocalInstant): boolean {
    const { address } = this.#options;
    if (isExempt ? address.waitFor(taker, now) > 0 : !this.#takeTurn(taker, now)) return false;
    address.take();
    return true;
  }

  /** Puts a bucket in line; one that is in line already moves up if its priority has risen. */
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

  /** Takes a bucket out of line. */
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

  /** A request that passed has ended. Call {@link serve} once all is learned from its response. */
  end(how: PassEnd, isExempt: boolean, now: LocalInstant): void {
    const { address } = this.#options;
    if (how === 'invalid') this.#unreported.push(address.endInvalid());
    else address.end();
    if (isExempt) return;
    if (how === 'unsent') this.#limit?.giveBack();
    else this.#limit?.end(now);
  }

  /** Reports invalid responses, and gives turns, here and at the address, for as long as there is room. */
  serve(): void {
    // The next slot may be free earlier than the timer says, if this process has been given slots.
    if (this.#options.onShort !== undefined) this.#disarm();
    while (this.#unreported.length > 0) this.#options.onInvalid(this.#unreported.shift() as InvalidAnswer);
    this.#options.address.serve();
    if (!this.#line.isEmpty) this.onTurn();
  }

  /** Gives turns to the buckets in line for as long as there is room. */
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

  /** Takes a slot of the global limit, if it is the bucket's turn. */
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
    // Without a known instant, the end of a request in flight serves the line.
    if (!Number.isFinite(wait)) return;
    this.#wake = clock.setTimer(now + wait, () => {
      this.#wake = undefined;
      this.serve();
    });
  }
}
