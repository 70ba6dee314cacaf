import type { Bucket } from './bucket.js';

/** With more entries than this, a map is divided into {@link PARTS}. */
const MOST_IN_ONE = 4_096;
const PARTS = 256;

/**
 * Buckets by the hash of their major parameters. A `Map` of a million entries holds the event loop for tens of
 * milliseconds when it grows or shrinks, so a large one is divided into many small ones.
 */
export class BucketMap implements Iterable<[majorKey: string, bucket: Bucket]> {
  #parts: Map<string, Bucket>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(majorKey: string): Bucket | undefined {
    return this.#partOf(majorKey).get(majorKey);
  }

  has(majorKey: string): boolean {
    return this.#partOf(majorKey).has(majorKey);
  }

  set(majorKey: string, bucket: Bucket): void {
    const part = this.#partOf(majorKey);
    const before = part.size;
    part.set(majorKey, bucket);
    this.#size += part.size - before;
    if (this.#size > MOST_IN_ONE && this.#parts.length === 1) this.#divide();
  }

  delete(majorKey: string): void {
    if (this.#partOf(majorKey).delete(majorKey)) this.#size--;
  }

  *values(): Generator<Bucket> {
    for (const part of this.#parts) yield* part.values();
  }

  *[Symbol.iterator](): Generator<[majorKey: string, bucket: Bucket]> {
    for (const part of this.#parts) yield* part;
  }

  #partOf(majorKey: string): Map<string, Bucket> {
    const index = this.#parts.length === 1 ? 0 : partIndex(majorKey);
    return this.#parts[index] as Map<string, Bucket>;
  }

  #divide(): void {
    const parts = Array.from({ length: PARTS }, () => new Map<string, Bucket>());
    for (const [majorKey, bucket] of this) parts[partIndex(majorKey)]?.set(majorKey, bucket);
    this.#parts = parts;
  }
}

/** The last characters differ most between ids, and as much as any between digests. */
function partIndex(majorKey: string): number {
  const end = majorKey.length;
  const [last, second, third] = [
    majorKey.charCodeAt(end - 1),
    majorKey.charCodeAt(end - 2),
    majorKey.charCodeAt(end - 3),
  ];
  // A shorter text gives NaN, which counts as 0 here.
  return (last + 10 * second + 100 * third) & (PARTS - 1);
}
