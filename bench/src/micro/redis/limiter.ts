import type { Load } from './load.js';

/** A limiter that shares its counts with other processes through one Redis. None of its limits ever holds a request. */
export interface SharedLimiter {
  /**
   * Sends one request, which is answered at once.
   *
   * @param bucket Its number, from 0.
   * @param onGo Called when the limiter lets it leave.
   * @returns When the limiter is done with it.
   */
  send(bucket: number, onGo: () => void): Promise<void>;
}

/** The options of a limiter. */
export interface SharedLimiterOptions {
  readonly url: string;
  /** The beginning of all keys. */
  readonly prefix: string;
  readonly buckets: number;
  /** The number of processes that share the buckets. */
  readonly processes: number;
  /** The end of the windows of all buckets in responses, in ms since the Unix epoch. */
  readonly reset: number;
}

export type MakeSharedLimiter = (options: SharedLimiterOptions) => Promise<SharedLimiter>;

/** A contender, in limits that are never reached. */
export interface SharedContender {
  readonly who: string;
  /** Its work per decision, shown below the tables. */
  readonly does: string;
  /** Loads that it cannot cope with. */
  readonly isSpared?: (load: Load) => boolean;
  /** Loaded only in the processes that measure it. */
  readonly load: () => Promise<MakeSharedLimiter>;
}
