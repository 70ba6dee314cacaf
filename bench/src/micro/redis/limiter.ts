import type { Load } from './load.js';

/** A limiter that shares its counts with other processes through one Redis. None of its limits ever holds a request. */
export interface SharedLimiter {
  /**
   * Sends one request, which is answered at once.
   *
   * @param bucket Its number, from 0.
   * @param onGo Called when the limiter lets it go.
   * @returns When the limiter is done with it.
   */
  send(bucket: number, onGo: () => void): Promise<void>;
}

/** What a limiter is made for. */
export interface SharedLimiterOptions {
  readonly url: string;
  /** What all keys begin with. */
  readonly prefix: string;
  readonly buckets: number;
  /** How many processes share the buckets. */
  readonly processes: number;
  /** When the windows of all buckets end, as answers tell it, in ms since the Unix epoch. */
  readonly reset: number;
}

export type MakeSharedLimiter = (options: SharedLimiterOptions) => Promise<SharedLimiter>;

/** What a contender does for a decision, in a limit that is never reached. */
export interface SharedContender {
  readonly who: string;
  /** Shown under the tables. */
  readonly does: string;
  /** Loads that it cannot bear. */
  readonly isSpared?: (load: Load) => boolean;
  /** Loaded only in the processes that measure it. */
  readonly load: () => Promise<MakeSharedLimiter>;
}
