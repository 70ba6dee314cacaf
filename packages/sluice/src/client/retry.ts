import type { Duration } from '../rules/units.js';
import type { HTTPErrorCode } from './errors.js';

/** The upper bound of the first wait between two attempts, in ms; it doubles with each. */
const BASE_DELAY: Duration = 250;

/** The longest wait between two attempts that is ours to choose, in ms. */
const LONGEST_DELAY: Duration = 8_000;

/** Methods that do no more when they are carried out twice. */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);

/** One attempt to send a request that failed. */
export interface FailedAttempt {
  /** How many attempts failed before it. */
  readonly attempt: number;
  /** In upper case. */
  readonly method: string;
  readonly failure: HTTPErrorCode;
  /** How long the server asked to wait, in ms. */
  readonly retryAfter?: Duration | undefined;
}

/** Which requests are sent again. */
export interface RetryRules {
  /** Attempts after the first. */
  readonly retries: number;
  /** Whether the body can be sent again. */
  readonly hasRepeatableBody: boolean;
  /** Whether a POST may be repeated although it may have been carried out. */
  readonly repeatPost: boolean;
  /** The longest wait that a server may ask for, in ms. */
  readonly longestWait: Duration;
}

/**
 * Decides what follows on a failed attempt: exponential back-off with full jitter, or the wait that the server asked
 * for if that is longer. A request that may have been carried out is repeated only if that does no harm (facts
 * part 8). Refusals for rate limits (429) are not decided here.
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
