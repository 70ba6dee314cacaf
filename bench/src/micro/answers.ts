import type { RateLimitHeaders } from 'sluice';

/** So large that no request waits for the limit. */
export const LIMIT = 1_000_000_000;

/** Bucket hashes are 32 hexadecimal digits. */
export const BUCKET_HASH = 'd721dea6054f6322373d361f98e5c38b';

/** A window that outlasts every measurement, in ms. */
const PERIOD = 3_600_000;

/** The number of responses between two readings of the time. */
const CLOCK_BATCH = 256;

/** Responses of fixed windows that count down, one window per bucket, like those of a real server. */
export class CountingServer {
  readonly #reset = Date.now() + PERIOD;
  readonly #used: Uint32Array;
  #answered = 0;
  #resetAfter = PERIOD;

  /** @param buckets The number of buckets, which are numbered from 0. */
  constructor(buckets = 1) {
    this.#used = new Uint32Array(buckets);
  }

  /** The next response of a bucket. */
  answer(bucket = 0): RateLimitHeaders {
    const used = (this.#used[bucket] ?? 0) + 1;
    this.#used[bucket] = used;
    if (++this.#answered % CLOCK_BATCH === 0) this.#resetAfter = this.#reset - Date.now();
    const resetAfter = this.#resetAfter;
    return { bucket: BUCKET_HASH, limit: LIMIT, remaining: LIMIT - used, resetAfter, reset: this.#reset };
  }

  /** The next response of a bucket, as it comes over the wire. */
  answerAsHeaders(bucket = 0): Headers {
    return new Headers(wireHeaders(this.answer(bucket)));
  }
}

/** Headers with Discord's names, in seconds. */
export function wireHeaders({ bucket, limit, remaining, resetAfter, reset = 0 }: RateLimitHeaders) {
  return {
    date: new Date(reset - resetAfter).toUTCString(),
    'content-type': 'application/json',
    'x-ratelimit-bucket': bucket,
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': (reset / 1_000).toFixed(3),
    'x-ratelimit-reset-after': (resetAfter / 1_000).toFixed(3),
    via: '1.1 google',
    'cf-cache-status': 'DYNAMIC',
    server: 'cloudflare',
  };
}
