import type { Exclusion } from './concurrency.js';
import type { HeldPermit } from './permit.js';

/** What is under way in a bucket: a linked list, oldest first, as permits end in any order. */
export class InFlight {
  #head: HeldPermit | undefined;
  #tail: HeldPermit | undefined;
  /** Of the permits that are held, how many demand what of those beside them. */
  #none = 0;
  #writes = 0;
  #all = 0;
  size = 0;
  /** Requests that may be counted by the server and have not told so yet. */
  unanswered = 0;

  /** The oldest that is held. */
  get oldest(): HeldPermit | undefined {
    for (const permit of this) if (!permit.isEnded) return permit;
    return undefined;
  }

  /** Whether a request that demands `exclusion` may join those under way. */
  admits(exclusion: Exclusion): boolean {
    if (this.#all > 0) return false;
    if (exclusion === 'all') return this.#writes === 0 && this.#none === 0;
    return exclusion === 'none' || this.#writes === 0;
  }

  add(permit: HeldPermit): void {
    permit.previous = this.#tail;
    permit.next = undefined;
    if (this.#tail === undefined) this.#head = permit;
    else this.#tail.next = permit;
    this.#tail = permit;
    this.size++;
    if (!permit.isAnswered) this.unanswered++;
    if (!permit.isEnded) this.countHeld(permit, 1);
  }

  remove(permit: HeldPermit): void {
    const { previous, next } = permit;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    permit.previous = permit.next = undefined;
    this.size--;
    if (!permit.isAnswered) this.unanswered--;
    if (!permit.isEnded) this.countHeld(permit, -1);
  }

  /** Takes a permit as ended, so that it excludes nobody any more, although it is still reckoned with. */
  end(permit: HeldPermit): void {
    this.countHeld(permit, -1);
    permit.isEnded = true;
  }

  /** Takes a permit as answered before it ends. */
  answer(permit: HeldPermit): void {
    this.unanswered--;
    permit.isAnswered = true;
  }

  *[Symbol.iterator](): Generator<HeldPermit> {
    for (let permit = this.#head; permit !== undefined; permit = permit.next) yield permit;
  }

  private countHeld({ description: { exclusion } }: HeldPermit, change: 1 | -1): void {
    if (exclusion === 'all') this.#all += change;
    else if (exclusion === 'writes') this.#writes += change;
    else this.#none += change;
  }
}
