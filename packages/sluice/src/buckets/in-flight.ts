import type { QueueNode } from '../gates/queue.js';
import type { Exclusion } from './exclusion.js';

/** A request in flight, as its list sees it. */
export interface InFlightNode extends QueueNode {
  readonly exclusion: Exclusion;
  /** Whether its permit has ended; a request that was abandoned still counts for a moment. */
  isEnded: boolean;
  /** Whether the server's response to it is known. */
  isAnswered: boolean;
}

/** The requests in flight in a bucket: a linked list, oldest first, as permits end in any order. */
export class InFlight<N extends InFlightNode> {
  #head: N | undefined;
  #tail: N | undefined;
  /** Permits that have not ended, by what each excludes beside it. */
  #none = 0;
  #writes = 0;
  #all = 0;
  size = 0;
  /** Requests that the server may count and whose response is not known. */
  unanswered = 0;

  /** The oldest whose permit has not ended. */
  get oldest(): N | undefined {
    for (const node of this) if (!node.isEnded) return node;
    return undefined;
  }

  /** Whether a request with this exclusion may join those in flight. */
  admits(exclusion: Exclusion): boolean {
    if (this.#all > 0) return false;
    if (exclusion === 'all') return this.#writes === 0 && this.#none === 0;
    return exclusion === 'none' || this.#writes === 0;
  }

  add(node: N): void {
    node.previous = this.#tail;
    node.next = undefined;
    if (this.#tail === undefined) this.#head = node;
    else this.#tail.next = node;
    this.#tail = node;
    this.size++;
    if (!node.isAnswered) this.unanswered++;
    if (!node.isEnded) this.#count(node, 1);
  }

  remove(node: N): void {
    const { previous, next } = node;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    node.previous = node.next = undefined;
    this.size--;
    if (!node.isAnswered) this.unanswered--;
    if (!node.isEnded) this.#count(node, -1);
  }

  /** Marks a permit as ended, so that it excludes no other request, although the server may still count it. */
  end(node: N): void {
    this.#count(node, -1);
    node.isEnded = true;
  }

  /** Marks a request as answered before its permit ends. */
  answer(node: N): void {
    this.unanswered--;
    node.isAnswered = true;
  }

  *[Symbol.iterator](): Generator<N> {
    for (let node = this.#head; node !== undefined; node = node.next) yield node;
  }

  #count({ exclusion }: N, change: 1 | -1): void {
    if (exclusion === 'all') this.#all += change;
    else if (exclusion === 'writes') this.#writes += change;
    else this.#none += change;
  }
}
