import type { LocalInstant } from '../rules/units.js';
import type { Timer } from './clock.js';

/** A timer in a {@link TimerHeap}. */
export class HeapTimer implements Timer {
  readonly at: LocalInstant;
  readonly callback: () => void;
  readonly keepsProcessAlive: boolean;
  /** Timers for the same instant fire in the order in which they were set. */
  readonly sequence: number;
  /** Position in the heap's array; -1 once the timer has left the heap. */
  index = -1;
  readonly #heap: TimerHeap;

  constructor(
    heap: TimerHeap,
    deadline: { at: LocalInstant; callback: () => void; keepsProcessAlive: boolean; sequence: number },
  ) {
    this.#heap = heap;
    this.at = deadline.at;
    this.callback = deadline.callback;
    this.keepsProcessAlive = deadline.keepsProcessAlive;
    this.sequence = deadline.sequence;
  }

  cancel(): void {
    this.#heap.remove(this);
  }
}

/** A binary min-heap of timers, so that any number of timers needs only one real timer, for the earliest. */
export class TimerHeap {
  /** Called when a cancelled timer has left the heap. */
  readonly #onRemove: () => void;
  readonly #timers: HeapTimer[] = [];
  #sequence = 0;
  #keepAliveCount = 0;

  constructor(onRemove: () => void = () => {}) {
    this.#onRemove = onRemove;
  }

  get size(): number {
    return this.#timers.length;
  }

  /** Whether any timer keeps the process alive. */
  get keepsProcessAlive(): boolean {
    return this.#keepAliveCount > 0;
  }

  peek(): HeapTimer | undefined {
    return this.#timers[0];
  }

  add(at: LocalInstant, callback: () => void, keepsProcessAlive = true): HeapTimer {
    if (Number.isNaN(at)) throw new TypeError('A timer needs an instant in milliseconds, not NaN.');
    const timer = new HeapTimer(this, { at, callback, keepsProcessAlive, sequence: this.#sequence++ });
    if (keepsProcessAlive) this.#keepAliveCount++;
    this.#timers.push(timer);
    this.#rise(timer, this.#timers.length - 1);
    return timer;
  }

  /** Removes and returns the earliest timer if it is due at `now`. */
  shiftDue(now: LocalInstant): HeapTimer | undefined {
    const first = this.#timers[0];
    if (first === undefined || first.at > now) return undefined;
    this.#take(first);
    return first;
  }

  remove(timer: HeapTimer): void {
    if (timer.index < 0) return;
    this.#take(timer);
    this.#onRemove();
  }

  #take(timer: HeapTimer): void {
    const { index } = timer;
    timer.index = -1;
    if (timer.keepsProcessAlive) this.#keepAliveCount--;
    const last = this.#timers.pop();
    if (last === undefined || last === timer) return;
    this.#sink(last, this.#rise(last, index));
  }

  #rise(timer: HeapTimer, from: number): number {
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#timers[parentIndex];
      if (parent === undefined || isEarlier(parent, timer)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(timer, index);
    return index;
  }

  #sink(timer: HeapTimer, from: number): void {
    let index = from;
    for (;;) {
      const child = this.#earlierChild(index);
      if (child === undefined || isEarlier(timer, child)) break;
      const childIndex = child.index;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(timer, index);
  }

  #earlierChild(index: number): HeapTimer | undefined {
    const left = this.#timers[2 * index + 1];
    const right = this.#timers[2 * index + 2];
    if (left === undefined || right === undefined) return left;
    return isEarlier(left, right) ? left : right;
  }

  #place(timer: HeapTimer, index: number): void {
    this.#timers[index] = timer;
    timer.index = index;
  }
}

function isEarlier(a: HeapTimer, b: HeapTimer): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}
