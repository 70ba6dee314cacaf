import type { Bucket } from './bucket.js';

/** From so many entries on, they are shared out. */
const MOST_IN_ONE = 4_096;
const PARTS = 256;

/**
 * Buckets by the hash of their major parameters. A `Map` of a million entries holds the event loop for tens of
 * milliseconds whenever it grows or shrinks, so there are many small ones as soon as there is much.
 */
export class BucketMap implements Iterable<[majors: string, bucket: Bucket]> {
  #parts: Map<string, Bucket>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(majors: string): Bucket | undefined {
    return this.#partOf(majors).get(majors);
  }

  has(majors: string): boolean {
    return this.#partOf(majors).has(majors);
  }

  set(majors: string, bucket: Bucket): void {
    const part = this.#partOf(majors);
    const before = part.size;
    part.set(majors, bucket);
    this.#size += part.size - before;
    if (this.#size > MOST_IN_ONE && this.#parts.length === 1) this.#shareOut();
  }

  delete(majors: string): void {
    if (this.#partOf(majors).delete(majors)) this.#size--;
  }

  *values(): Generator<Bucket> {
    for (const part of this.#parts) yield* part.values();
  }

  *[Symbol.iterator](): Generator<[majors: string, bucket: Bucket]> {
    for (const part of this.#parts) yield* part;
  }

  #partOf(majors: string): Map<string, Bucket> {
    const index = this.#parts.length === 1 ? 0 : partIndex(majors);
    return this.#parts[index] as Map<string, Bucket>;
  }

  #shareOut(): void {
    const parts = Array.from({ length: PARTS }, () => new Map<string, Bucket>());
    for (const [majors, bucket] of this) parts[partIndex(majors)]?.set(majors, bucket);
    this.#parts = parts;
  }
}

/** The last characters tell ids apart best, and digests as well as any. */
function partIndex(majors: string): number {
  const end = majors.length;
  const [last, second, third] = [majors.charCodeAt(end - 1), majors.charCodeAt(end - 2), majors.charCodeAt(end - 3)];
  // NaN, of a text that is shorter, counts as 0 here.
  return (last + 10 * second + 100 * third) & (PARTS - 1);
}
