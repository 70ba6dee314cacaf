import type { Duration, ServerInstant } from './units.js';

/** The rate-limit headers of one response, read and found sane. */
export interface RateLimitHeaders {
  /** `X-RateLimit-Bucket`: the bucket hash. */
  readonly bucket: string;
  /** Requests a window admits. */
  readonly limit: number;
  /** Requests left in the window. */
  readonly remaining: number;
  /** Time until the window is full again, counted from when the server answered, in ms. */
  readonly resetAfter: Duration;
  /** The same as an instant on the server's clock, in ms since the epoch. */
  readonly reset?: ServerInstant;
}
