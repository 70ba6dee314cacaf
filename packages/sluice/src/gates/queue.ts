/** A place in a {@link Queue}. Higher priorities come first, and lower sequences within a priority. */
export class QueueNode {
  readonly priority: number;
  readonly sequence: number;
  /** Its neighbours, and its lane while it is queued: a node leaves from the middle in constant time. */
  previous: this | undefined;
  next: this | undefined;
  lane: Lane<this> | undefined;

  constructor(priority: number, sequence: number) {
    this.priority = priority;
    this.sequence = sequence;
  }
}

/** A first-in-first-out queue with priorities. A node can be removed from the middle in constant time. */
export class Queue<N extends QueueNode> {
  /** One lane per priority in use, highest first. */
  readonly #lanes: Lane<N>[] = [];

  get size(): number {
    return this.#lanes.reduce((size, lane) => size + lane.size, 0);
  }

  get isEmpty(): boolean {
    return this.#lanes.length === 0;
  }

  /** The node whose turn is next. */
  peek(): N | undefined {
    return this.#lanes[0]?.head;
  }

  /** Takes out the node whose turn is next. */
  shift(): N | undefined {
    const first = this.peek();
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Puts a node at its place: behind all with its priority and a lower sequence. */
  insert(node: N): void {
    this.#laneOf(node.priority).insert(node);
  }

  /** Takes a node out; does nothing when it is not queued here. */
  remove(node: N): void {
    const { lane } = node;
    if (lane === undefined) return;
    lane.remove(node);
    if (lane.size === 0) this.#lanes.splice(this.#lanes.indexOf(lane), 1);
  }

  /** Moves every node of `other` that `accepts` it to its place here; in time that grows with the sum of both sizes. */
  absorb(other: Queue<N>, accepts: (node: N) => boolean): N[] {
    const moved = [...other].filter(accepts);
    const cursors = new Map<Lane<N>, N>();
    for (const node of moved) {
      other.remove(node);
      const lane = this.#laneOf(node.priority);
      lane.insertAfter(node, lane.lastBefore(node, cursors.get(lane)));
      cursors.set(lane, node);
    }
    return moved;
  }

  *[Symbol.iterator](): Generator<N> {
    for (const lane of this.#lanes) yield* lane;
  }

  #laneOf(priority: number): Lane<N> {
    const index = this.#lanes.findIndex((lane) => lane.priority <= priority);
    const found = index < 0 ? undefined : this.#lanes[index];
    if (found?.priority === priority) return found;
    const lane = new Lane<N>(priority);
    this.#lanes.splice(index < 0 ? this.#lanes.length : index, 0, lane);
    return lane;
  }
}

/** The nodes of one priority, by sequence. */
class Lane<N extends QueueNode> {
  readonly priority: number;
  head: N | undefined;
  #tail: N | undefined;
  size = 0;

  constructor(priority: number) {
    this.priority = priority;
  }

  insert(node: N): void {
    let before = this.#tail;
    while (before !== undefined && before.sequence > node.sequence) before = before.previous;
    this.insertAfter(node, before);
  }

  /**
   * The last node with a lower sequence than `node`. The search starts at `from`, which has a lower one, or the head.
   */
  lastBefore(node: N, from: N | undefined): N | undefined {
    let before = from;
    let next = from === undefined ? this.head : from.next;
    while (next !== undefined && next.sequence < node.sequence) {
      before = next;
      next = next.next;
    }
    return before;
  }

  insertAfter(node: N, before: N | undefined): void {
    const after = before === undefined ? this.head : before.next;
    node.lane = this;
    node.previous = before;
    node.next = after;
    if (before === undefined) this.head = node;
    else before.next = node;
    if (after === undefined) this.#tail = node;
    else after.previous = node;
    this.size++;
  }

  remove(node: N): void {
    const { previous, next } = node;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    node.lane = node.previous = node.next = undefined;
    this.size--;
  }

  *[Symbol.iterator](): Generator<N> {
    for (let node = this.head; node !== undefined; node = node.next) yield node;
  }
}
