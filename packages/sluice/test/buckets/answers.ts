/** The contents of an answer. */
export interface Contents {
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
export function answer(contents: Contents = {}) {
  const { hash = 'abc', limit = 5, remaining = 4, resetAfter = 1, status = 200, body, extra = {} } = contents;
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

/** A refusal (429) by the bucket, unless `contents` says otherwise. */
export function refused(contents: Contents & { retryAfter?: number; scope?: string; global?: boolean } = {}) {
  return answer({
    status: 429,
    remaining: 0,
    body: { message: 'limited', retry_after: contents.retryAfter ?? 2, global: contents.global ?? false },
    extra: { 'X-RateLimit-Scope': contents.scope ?? 'user' },
    ...contents,
  });
}
