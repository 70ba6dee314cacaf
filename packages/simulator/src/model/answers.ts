import { STATUS_CODES } from 'node:http';
import type { Refusal, Shown } from './counters.js';
import { BAN_PAGE } from './html-pages.js';
import type { ReportedLimits } from './limit-change.js';
import type { RouteRule } from './routes.js';
import { TOLERANCE } from './tolerance.js';

/** The model's decision about a request: everything that the response says about limits. */
export type Decision =
  | {
      readonly verdict: 'admitted';
      readonly rule: RouteRule;
      /** `null` where requests are not counted. */
      readonly shown: Shown | null;
      /** Whether the request was for a deleted webhook. */
      readonly isDead: boolean;
    }
  | Refusal
  | { readonly verdict: 'global' | 'banned'; readonly retryAfter: number }
  | { readonly verdict: 'unauthorized' | 'unknown-route' | 'failed' };

/** A response without its delivery. */
export interface Answer {
  readonly status: number;
  /** Names are in lower case. */
  readonly headers: Record<string, string>;
  /** JSON; a string is an HTML page, sent as it is; `null` for a response without a body. */
  readonly body: unknown;
}

/** The instant of a response. */
export interface Instant {
  /** Milliseconds on the model's axis. */
  readonly now: number;
  /** Unix time of the axis' 0, in ms. */
  readonly epoch: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const HTML_TYPE = { 'content-type': 'text/html; charset=UTF-8' };

/**
 * Writes the response to a decision as Discord does.
 *
 * @param id - the snowflake of the object that an admitted request reads or creates
 */
export function answerFor(decision: Decision, instant: Instant, id: string): Answer {
  switch (decision.verdict) {
    case 'unknown-route':
      return errorAnswer(404);
    case 'unauthorized':
      return errorAnswer(401);
    case 'failed':
      return errorAnswer(500);
    case 'banned':
      return pageAnswer(429, BAN_PAGE, retryHeader(decision.retryAfter));
    case 'global':
      return globalRefusal(decision.retryAfter);
    case 'admitted':
      return admittedAnswer(decision, instant, id);
    default:
      return refusal(decision, instant);
  }
}

/** Discord's JSON for a status of 400 or above. */
export function errorAnswer(status: number): Answer {
  const body = { message: `${status}: ${STATUS_CODES[status] ?? 'Error'}`, code: 0 };
  return { status, headers: { ...JSON_TYPE }, body };
}

/** An HTML page, as proxies in front of Discord send it. */
export function pageAnswer(status: number, page: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...HTML_TYPE, ...headers }, body: page };
}

function admittedAnswer(decision: Extract<Decision, { verdict: 'admitted' }>, instant: Instant, id: string): Answer {
  const { rule, shown, isDead } = decision;
  const answer = isDead ? unknownWebhook() : plainAnswer(rule.status ?? 200, id);
  if (shown !== null) Object.assign(answer.headers, limitHeaders(shown, instant, shown.phase.reported));
  return answer;
}

function plainAnswer(status: number, id: string): Answer {
  if (status === 204 || status === 304) return { status, headers: {}, body: null };
  return status < 400 ? { status, headers: { ...JSON_TYPE }, body: { id } } : errorAnswer(status);
}

function unknownWebhook(): Answer {
  return { status: 404, headers: { ...JSON_TYPE }, body: { message: 'Unknown Webhook', code: 10_015 } };
}

function globalRefusal(retryAfter: number): Answer {
  const body = { message: 'You are being rate limited.', retry_after: retrySeconds(retryAfter), global: true };
  const headers = { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global', ...retryHeader(retryAfter) };
  return { status: 429, headers: { ...JSON_TYPE, ...headers }, body };
}

/** The headers are those of the bucket, and may show room. `retryAfter` is that of the limit that refused. */
function refusal({ shown, retryAfter, scope, body }: Refusal, instant: Instant): Answer {
  const headers = { ...limitHeaders(shown, instant), ...retryHeader(retryAfter) };
  if (shown.phase.headers === 'normal') headers['x-ratelimit-scope'] = scope;
  if (body === 'none') return { status: 429, headers, body: null };
  const message = `${scope === 'shared' ? 'The resource is' : 'You are'} being rate limited.`;
  return {
    status: 429,
    headers: { ...JSON_TYPE, ...headers },
    body: { message, retry_after: retrySeconds(retryAfter), global: false },
  };
}

function retryHeader(retryAfter: number): Record<string, string> {
  return { 'retry-after': String(Math.ceil(retrySeconds(retryAfter))) };
}

function retrySeconds(retryAfter: number): number {
  return wholeMilliseconds(retryAfter) / 1000;
}

/** @param reported - false values for the headers */
function limitHeaders(
  { phase, admission }: Shown,
  { now, epoch }: Instant,
  reported?: ReportedLimits,
): Record<string, string> {
  if (phase.headers === 'none') return {};
  const resetAt = reported?.resetAfter === undefined ? admission.resetAt : now + reported.resetAfter;
  return {
    'x-ratelimit-limit': String(reported?.limit ?? phase.limit),
    'x-ratelimit-remaining': String(reported?.remaining ?? admission.remaining),
    'x-ratelimit-reset': wireSeconds(epoch + resetAt),
    'x-ratelimit-reset-after': wireSeconds(resetAt - now),
    'x-ratelimit-bucket': reported?.bucket ?? phase.bucket,
  };
}

function wireSeconds(milliseconds: number): string {
  return (wholeMilliseconds(milliseconds) / 1000).toFixed(3);
}

/** Rounds up, so that a client which waits for the given time always waits long enough. */
function wholeMilliseconds(milliseconds: number): number {
  return Math.ceil(milliseconds - TOLERANCE);
}
