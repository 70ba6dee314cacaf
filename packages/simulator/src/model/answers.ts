import { STATUS_CODES } from 'node:http';
import type { LimitedRule, UnlimitedRule } from './routes.js';
import { TOLERANCE } from './tolerance.js';
import type { Admission } from './window.js';

/** What the model decided about a request: all that its answer says about limits. */
export type Decision =
  | { readonly verdict: 'admitted'; readonly rule: UnlimitedRule; readonly admission: null }
  | { readonly verdict: 'admitted' | 'user'; readonly rule: LimitedRule; readonly admission: Admission }
  | { readonly verdict: 'global'; readonly retryAfter: number }
  | { readonly verdict: 'unknown-route' };

/** An answer without its way there. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  /** JSON, or `null` for an answer without a body. */
  readonly body: unknown;
}

/** The instant of an answer. */
export interface Instant {
  /** Milliseconds on the model's axis. */
  readonly now: number;
  /** The Unix milliseconds of that axis' 0. */
  readonly epoch: number;
}

/**
 * Words a decision as Discord does (facts, part 1).
 *
 * @param id - the snowflake of the object that an admitted request reads or makes
 */
export function answerFor(decision: Decision, instant: Instant, id: string): Answer {
  switch (decision.verdict) {
    case 'unknown-route':
      return plainAnswer(404, id);
    case 'global':
      return refusal(decision.retryAfter, { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' });
    case 'user':
      return refusal(decision.admission.retryAfter, {
        ...limitHeaders(decision.rule, decision.admission, instant),
        'x-ratelimit-scope': 'user',
      });
    case 'admitted': {
      const answer = plainAnswer(decision.rule.status ?? 200, id);
      if (decision.admission !== null) {
        Object.assign(answer.headers, limitHeaders(decision.rule, decision.admission, instant));
      }
      return answer;
    }
  }
}

function plainAnswer(status: number, id: string): Answer {
  if (status === 204 || status === 304) return { status, headers: {}, body: null };
  const body = status < 400 ? { id } : { message: `${status}: ${STATUS_CODES[status] ?? 'Error'}`, code: 0 };
  return { status, headers: { 'content-type': 'application/json' }, body };
}

function refusal(retryAfter: number, headers: Record<string, string>): Answer {
  const seconds = wholeMilliseconds(retryAfter) / 1000;
  return {
    status: 429,
    headers: { 'content-type': 'application/json', ...headers, 'retry-after': String(Math.ceil(seconds)) },
    body: {
      message: 'You are being rate limited.',
      retry_after: seconds,
      global: headers['x-ratelimit-global'] === 'true',
    },
  };
}

function limitHeaders(rule: LimitedRule, admission: Admission, { now, epoch }: Instant): Record<string, string> {
  return {
    'x-ratelimit-limit': String(rule.limit),
    'x-ratelimit-remaining': String(admission.remaining),
    'x-ratelimit-reset': wireSeconds(epoch + admission.resetAt),
    'x-ratelimit-reset-after': wireSeconds(admission.resetAt - now),
    'x-ratelimit-bucket': rule.bucket,
  };
}

function wireSeconds(milliseconds: number): string {
  return (wholeMilliseconds(milliseconds) / 1000).toFixed(3);
}

/** Rounds up, so that a client that waits as long as it was told has always waited long enough. */
function wholeMilliseconds(milliseconds: number): number {
  return Math.ceil(milliseconds - TOLERANCE);
}
