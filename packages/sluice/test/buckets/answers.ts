/** What an answer tells. */
export interface Told {
  hash?: string;
  limit?: number;
  remaining?: number;
  /** Seconds, as on the wire. */
  resetAfter?: number;
  status?: number;
  body?: unknown;
  extra?: Record<string, string>;
}

/** An answer that arrives now, without any delay. */
export function answer(told: Told = {}) {
  const { hash = 'abc', limit = 5, remaining = 4, resetAfter = 1, status = 200, body, extra = {} } = told;
  return {
    status,
    body,
    headers: {
      'X-RateLimit-Bucket': hash,
      'X-RateLimit-Limit': String(limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset-After': String(resetAfter),
      ...extra,
    },
  };
}
