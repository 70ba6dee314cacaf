/** The contents of an answer. */
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

/** A refusal (429) by the bucket, unless `told` says otherwise. */
export function refused(told: Told & { retryAfter?: number; scope?: string; global?: boolean } = {}) {
  return answer({
    status: 429,
    remaining: 0,
    body: { message: 'limited', retry_after: told.retryAfter ?? 2, global: told.global ?? false },
    extra: { 'X-RateLimit-Scope': told.scope ?? 'user' },
    ...told,
  });
}
