import type { Clock, Timer } from '../clock/clock.js';
import { GlobalLimit } from '../rules/global-limit.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import { Queue, QueueNode } from './queue.js';

/** Who waits at a {@link GlobalGate}: called when it is its turn to pass once. */
export interface GateGuest {
  onTurn(): void;
}

class Ticket extends QueueNode {
  readonly guest: GateGuest;

  constructor(guest: GateGuest, priority: number, sequence: number) {
    super(priority, sequence);
    this.guest = guest;
  }
}

/** What a gate needs of its manager. */
export interface GateOptions {
  readonly clock: Clock;
  /** Requests per second; `Infinity` keeps no limit. */
  readonly limit: number;
  /** Until when everything is held, whatever the authentication. */
  readonly bannedUntil: () => LocalInstant;
  /** Called when requests have to wait here. */
  readonly onLimited: (retryAfter: Duration, isReactive: boolean) => void;
}

/**
 * Where the requests of one authentication pass one by one under its global limit. Buckets wait in line, higher
 * priorities first; each passes one request a turn, so that a long queue cannot starve the others.
 */
export class GlobalGate {
  readonly #options: GateOptions;
  readonly #limit: GlobalLimit | undefined;
  readonly #line = new Queue<Ticket>();
  readonly #tickets = new Map<GateGuest, Ticket>();
  #sequence = 0;
  #throttledUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  #serving: GateGuest | undefined;
  #wake: Timer | undefined;
  /** Whether the present wait has been told. */
  #isLimited = false;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#limit = Number.isFinite(options.limit) ? new GlobalLimit(options.limit) : undefined;
  }

  /** Whether the gate remembers nothing that matters at `now`. */
  isIdle(now: LocalInstant): boolean {
    const free = this.#limit === undefined || this.#limit.available(now) === this.#limit.limit;
    return free && this.#line.isEmpty && this.heldFor(false, now) === 0;
  }

  /** How long the server holds all requests of this authentication; a ban concerns the exempt ones, too. */
  heldFor(isExempt: boolean, now: LocalInstant): Duration {
    const banned = this.#options.bannedUntil();
    return Math.max(0, (isExempt ? banned : Math.max(banned, this.#throttledUntil)) - now);
  }

  /** Holds all requests of this authentication until `until`. */
  throttle(until: LocalInstant): void {
    this.#throttledUntil = Math.max(this.#throttledUntil, until);
  }

  /** Lets a guest pass if there is room, and either nobody is in line or it is the guest's turn. */
  pass(guest: GateGuest): boolean {
    const isTurn = this.#serving === guest;
    if (!(isTurn || this.#line.isEmpty) || this.#waitFor(this.#options.clock.now()) > 0) return false;
    this.#serving = undefined;
    this.#limit?.take();
    return true;
  }

  /** Puts a guest in line; one that is there already moves up if its priority has risen. */
  queue(guest: GateGuest, priority: number): void {
    const waiting = this.#tickets.get(guest);
    if (waiting !== undefined && waiting.priority >= priority) return;
    if (waiting !== undefined) this.#line.remove(waiting);
    const ticket = new Ticket(guest, priority, this.#sequence++);
    this.#tickets.set(guest, ticket);
    this.#line.insert(ticket);
    this.#arm(this.#options.clock.now());
  }

  /** Takes a guest out of line. */
  leave(guest: GateGuest): void {
    const ticket = this.#tickets.get(guest);
    if (ticket === undefined) return;
    this.#tickets.delete(guest);
    this.#line.remove(ticket);
  }

  /** A request that passed has ended. */
  end(): void {
    this.#limit?.end(this.#options.clock.now());
  }

  /** A request that passed never left. */
  giveBack(): void {
    this.#limit?.giveBack();
  }

  /** Calls those in line for as long as there is room. */
  serve(): void {
    while (!this.#line.isEmpty && this.#waitFor(this.#options.clock.now()) === 0) {
      const ticket = this.#line.shift() as Ticket;
      this.#tickets.delete(ticket.guest);
      this.#serving = ticket.guest;
      ticket.guest.onTurn();
    }
    this.#serving = undefined;
    this.#arm(this.#options.clock.now());
  }

  close(): void {
    this.#wake?.cancel();
    this.#wake = undefined;
  }

  #waitFor(now: LocalInstant): Duration {
    return Math.max(this.heldFor(false, now), this.#limit?.waitFor(now) ?? 0);
  }

  #arm(now: LocalInstant): void {
    if (this.#line.isEmpty) this.#isLimited = false;
    if (this.#line.isEmpty || this.#wake !== undefined) return;
    const wait = this.#waitFor(now);
    if (!this.#isLimited) this.#options.onLimited(wait, this.heldFor(false, now) > 0);
    this.#isLimited = true;
    // Without a known instant, the end of a request in flight serves those in line.
    if (!Number.isFinite(wait)) return;
    this.#wake = this.#options.clock.setTimer(now + wait, () => {
      this.#wake = undefined;
      this.serve();
    });
  }
}
