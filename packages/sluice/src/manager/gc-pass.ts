/** What a pass of the garbage collector found. */
export interface GCPass {
  /** Buckets in use, or whose limit has not reset yet. */
  readonly active: number;
  /** Unused buckets whose limit reset so short a time ago that they are kept. */
  readonly survival: number;
  /** Buckets that were collected. */
  readonly dead: number;
}
