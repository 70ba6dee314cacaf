import type { HeldPermit } from './permit.js';

/** The permits of a bucket that count, oldest first: a linked list, as they end in any order. */
export class InFlight {
  #head: HeldPermit | undefined;
  #tail: HeldPermit | undefined;
  size = 0;

  /** The oldest that is held. */
  get oldest(): HeldPermit | undefined {
    for (const permit of this) if (!permit.isEnded) return permit;
    return undefined;
  }

  add(permit: HeldPermit): void {
    permit.previous = this.#tail;
    permit.next = undefined;
    if (this.#tail === undefined) this.#head = permit;
    else this.#tail.next = permit;
    this.#tail = permit;
    this.size++;
  }

  remove(permit: HeldPermit): void {
    const { previous, next } = permit;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    permit.previous = permit.next = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<HeldPermit> {
    for (let permit = this.#head; permit !== undefined; permit = permit.next) yield permit;
  }
}
