import type { Duration } from '../rules/units.js';
import type { HTTPErrorCode } from './errors.js';

/** The upper bound of the first back-off, in ms. It doubles with each attempt. */
const BASE_DELAY: Duration = 250;

/** The longest back-off that the client chooses by itself, in ms. */
const LONGEST_DELAY: Duration = 8_000;

/** Methods that have the same effect when they are carried out twice. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** A failed attempt to send a request. */
export interface FailedAttempt {
  /** How many attempts failed before this one. */
  readonly attempt: number;
  /** The method, in upper case. */
  readonly method: string;
  readonly failure: HTTPErrorCode;
  /** How long the server asks to wait, in ms. */
  readonly retryAfter?: Duration | undefined;
}

/** The rules for sending a request again. */
export interface RetryRules {
  /** The most attempts after the first one. */
  readonly retries: number;
  /** Whether the body can be sent again. */
  readonly hasRepeatableBody: boolean;
  /** Whether a POST may be sent again although Discord may have carried it out. */
  readonly repeatPost: boolean;
  /** The longest wait that the server may ask for, in ms. */
  readonly longestWait: Duration;
}

/**
 * Decides whether to send a request again after a failed attempt. The wait is an exponential back-off with full jitter,
 * or the wait that the server asks for if that is longer. A request that Discord may have carried out is sent again
 * only if that does no harm. Refusals for rate limits (429) are not decided here.
 *
 * @param random At least 0 and below 1.
 * @returns How long to wait before the next attempt, in ms; `undefined` to give up.
 */
export function retryDelay(failed: FailedAttempt, rules: RetryRules, random: () => number): Duration | undefined {
  const { attempt, failure, retryAfter = 0 } = failed;
  if (failure === 'MALFORMED' || attempt >= rules.retries || !rules.hasRepeatableBody) return undefined;
  if (failure !== 'UNSENT' && !isHarmlessTwice(failed.method, rules)) return undefined;
  if (retryAfter > rules.longestWait) return undefined;
  return Math.max(retryAfter, random() * Math.min(LONGEST_DELAY, BASE_DELAY * 2 ** attempt));
}

function isHarmlessTwice(method: string, { repeatPost }: RetryRules): boolean {
  return repeatPost || IDEMPOTENT_METHODS.has(method);
}
