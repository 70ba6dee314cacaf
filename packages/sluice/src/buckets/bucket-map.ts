import type { RESTBucket } from './rest-bucket.js';

/** From so many entries on, they are shared out. */
const MOST_IN_ONE = 4_096;
const PARTS = 256;

/**
 * Buckets by the hash of their major parameters. A `Map` of a million entries holds the event loop for tens of
 * milliseconds whenever it grows or shrinks, so there are many small ones as soon as there is much.
 */
export class BucketMap implements Iterable<[majors: string, bucket: RESTBucket]> {
  #parts: Map<string, RESTBucket>[] = [new Map()];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(majors: string): RESTBucket | undefined {
    return this.#partOf(majors).get(majors);
  }

  has(majors: string): boolean {
    return this.#partOf(majors).has(majors);
  }

  set(majors: string, bucket: RESTBucket): void {
    const part = this.#partOf(majors);
    const before = part.size;
    part.set(majors, bucket);
    this.#size += part.size - before;
    if (this.#size > MOST_IN_ONE && this.#parts.length === 1) this.#shareOut();
  }

  delete(majors: string): void {
    if (this.#partOf(majors).delete(majors)) this.#size--;
  }

  *values(): Generator<RESTBucket> {
    for (const part of this.#parts) yield* part.values();
  }

  *[Symbol.iterator](): Generator<[majors: string, bucket: RESTBucket]> {
    for (const part of this.#parts) yield* part;
  }

  #partOf(majors: string): Map<string, RESTBucket> {
    const index = this.#parts.length === 1 ? 0 : partIndex(majors);
    return this.#parts[index] as Map<string, RESTBucket>;
  }

  #shareOut(): void {
    const parts = Array.from({ length: PARTS }, () => new Map<string, RESTBucket>());
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
