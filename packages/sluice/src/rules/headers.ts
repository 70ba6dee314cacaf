import {
  type HeaderNumber,
  headerNumber,
  readNumber,
  readSeconds,
  readText,
  toMilliseconds,
} from './header-numbers.js';
import type { HeaderProblem } from './header-problem.js';
import { HeaderProblems } from './header-problems.js';
import { type HeadersReader, type HeadersSource, readerOf } from './header-source.js';
import { parseHTTPDate } from './http-date.js';
import { isPlainObject } from './plain-object.js';
import type { Duration, ServerInstant } from './units.js';

/** The rate-limit headers of one response, parsed and validated. */
export interface RateLimitHeaders {
  /** `X-RateLimit-Bucket`: the bucket hash. */
  readonly bucket: string;
  /** `X-RateLimit-Limit`: how many requests a window admits. */
  readonly limit: number;
  /** `X-RateLimit-Remaining`: how many requests are left in the window. */
  readonly remaining: number;
  /** `X-RateLimit-Reset-After`: time from the server's response until the window is full again, in ms. */
  readonly resetAfter: Duration;
  /** `X-RateLimit-Reset`: the same instant on the server's clock, in ms since the Unix epoch. */
  readonly reset?: ServerInstant;
}

/** A response; a Fetch `Response` is one. */
export interface ResponseSource {
  readonly status: number;
  readonly headers: HeadersSource;
  /**
   * The parsed JSON of the body, or its text; `null` when the body is empty. The body matters on a 429, and on the 404
   * of a webhook. A stream, or anything else that has not been read yet, counts as not given.
   */
  readonly body?: unknown;
}

/** Anything that rate limits can be read from. */
export type LimitsSource = ResponseSource | HeadersSource | RateLimitHeaders;

/**
 * Whose limit refused a request: this bot's own (`user`), the global one, or one that a resource shares with others.
 */
export type RateLimitScope = 'user' | 'global' | 'shared';

/** The rate-limit information of one response. */
export interface ResponseLimits {
  /** The HTTP status; `undefined` when only headers were given. */
  readonly status: number | undefined;
  /** The bucket's limit; `undefined` unless all of its headers were given and are valid. */
  readonly known: RateLimitHeaders | undefined;
  /** Whether the response had any header of a bucket's limit, even a malformed one. */
  readonly hasLimitHeaders: boolean;
  /** `X-RateLimit-Scope`; `undefined` when it is missing or not a known scope. */
  readonly scope: RateLimitScope | undefined;
  /** Whether a header, the scope or the body names the global limit. */
  readonly isGlobal: boolean;
  /** How long to wait, in ms, from `Retry-After` and, on a 429, from the body. */
  readonly retryAfter: Duration | undefined;
  /** Whether the body of a 4xx is JSON; `undefined` when no body was given or the status is another. */
  readonly hasJSONBody: boolean | undefined;
  /** Discord's error code in the body of a 4xx, such as 10015; `undefined` when there is none. */
  readonly errorCode: number | undefined;
  /** Values that were ignored or corrected. */
  readonly problems: readonly HeaderProblem[];
}

/**
 * The longest wait that a header may ask for: 31 days, in ms. Real waits last up to days (102,737.719 s was seen); a
 * longer one would freeze its bucket rather than limit it.
 */
export const MAX_WAIT: Duration = 31 * 24 * 60 * 60 * 1_000;

/** The longest bucket hash that is accepted, in characters; real ones have 32. */
const LONGEST_BUCKET_HASH = 128;

/** Visible ASCII without `;`, which separates the parts of a bucket's key. */
const BUCKET_HASH = /^[!-:<-~]+$/;

/** The last instant that ECMAScript can represent, in ms since the Unix epoch. */
const LATEST_INSTANT: ServerInstant = 8.64e15;

/** Header names in lower case, as {@link HeadersReader.get} expects them. */
const LIMIT = 'x-ratelimit-limit';
const REMAINING = 'x-ratelimit-remaining';
const RESET = 'x-ratelimit-reset';
const RESET_AFTER = 'x-ratelimit-reset-after';
const BUCKET = 'x-ratelimit-bucket';
const GLOBAL = 'x-ratelimit-global';
const SCOPE = 'x-ratelimit-scope';
const RETRY_AFTER = 'retry-after';
const DATE = 'date';

/**
 * Reads the rate limits of a response. Durations on the wire are seconds; this is the only place that converts them.
 * No content makes it throw, and every number in the result is finite, not negative and within its bounds.
 *
 * @throws TypeError when `source` is not a response, headers, or {@link RateLimitHeaders}.
 */
export function parseLimits(source: LimitsSource): ResponseLimits {
  if (source === null || typeof source !== 'object') throw new TypeError('Expected a response or its headers.');
  if (isParsed(source)) return readParsed(source);
  if (isResponse(source)) return readResponse(source.status, readerOf(source.headers), source.body);
  return readResponse(undefined, readerOf(source), undefined);
}

function isParsed(source: LimitsSource): source is RateLimitHeaders {
  return 'resetAfter' in source;
}

function isResponse(source: Exclude<LimitsSource, RateLimitHeaders>): source is ResponseSource {
  return 'status' in source && typeof source.status === 'number' && 'headers' in source;
}

/** The headers of a bucket's limit, read but not validated. Durations and instants are in ms. */
interface LimitFields {
  readonly bucket: string | undefined;
  readonly limit: HeaderNumber;
  readonly remaining: HeaderNumber;
  readonly resetAfter: HeaderNumber;
  readonly reset: HeaderNumber;
}

const NO_PROBLEMS = new HeaderProblems();

function readResponse(status: number | undefined, reader: HeadersReader, body: unknown): ResponseLimits {
  const problems = new HeaderProblems();
  const fields: LimitFields = {
    bucket: readText(reader, BUCKET, problems),
    limit: readNumber(reader, LIMIT, problems),
    remaining: readNumber(reader, REMAINING, problems),
    resetAfter: readSeconds(reader, RESET_AFTER, problems),
    reset: readSeconds(reader, RESET, problems),
  };
  const hasLimitHeaders = hasAny(fields);
  const known = hasLimitHeaders ? validLimit(fields, reader, problems) : undefined;
  // Only errors carry the other headers.
  const error = status !== undefined && status < 400 ? NO_ERROR : readError(status, reader, body, problems);
  return limitsOf(status, known, hasLimitHeaders, error, problems);
}

function readParsed(headers: RateLimitHeaders): ResponseLimits {
  if (isValid(headers)) return limitsOf(undefined, copyOf(headers), true, NO_ERROR, NO_PROBLEMS);
  const problems = new HeaderProblems();
  const fields: LimitFields = {
    bucket: headers.bucket,
    limit: headerNumber(LIMIT, headers.limit),
    remaining: headerNumber(REMAINING, headers.remaining),
    resetAfter: headerNumber(RESET_AFTER, headers.resetAfter),
    reset: headerNumber(RESET, headers.reset),
  };
  return limitsOf(undefined, validLimit(fields, undefined, problems), true, NO_ERROR, problems);
}

/** Whether all values are valid as they are, which is the usual case. */
function isValid({ bucket, limit, remaining, resetAfter, reset = LATEST_INSTANT }: RateLimitHeaders): boolean {
  return (
    Number.isSafeInteger(limit) &&
    Number.isSafeInteger(remaining) &&
    remaining >= 0 &&
    remaining <= limit &&
    limit >= 1 &&
    Number.isFinite(resetAfter) &&
    resetAfter >= 0 &&
    resetAfter <= MAX_WAIT &&
    Number.isFinite(reset) &&
    reset > 0 &&
    reset <= LATEST_INSTANT &&
    typeof bucket === 'string' &&
    isBucketHash(bucket)
  );
}

function copyOf({ bucket, limit, remaining, resetAfter, reset }: RateLimitHeaders): RateLimitHeaders {
  return reset === undefined
    ? { bucket, limit, remaining, resetAfter }
    : { bucket, limit, remaining, resetAfter, reset };
}

/** Names each field, because a spread takes several times as long. */
function limitsOf(
  status: number | undefined,
  known: RateLimitHeaders | undefined,
  hasLimitHeaders: boolean,
  { scope, isGlobal, retryAfter, hasJSONBody, errorCode }: ErrorLimits,
  { found: problems }: HeaderProblems,
): ResponseLimits {
  return { status, known, hasLimitHeaders, scope, isGlobal, retryAfter, hasJSONBody, errorCode, problems };
}

function hasAny({ bucket, limit, remaining, resetAfter, reset }: LimitFields): boolean {
  return (
    bucket !== undefined ||
    limit.given !== undefined ||
    remaining.given !== undefined ||
    resetAfter.given !== undefined ||
    reset.given !== undefined
  );
}

// --- Validation -----------------------------------------------------------------------------------------------------

/** A limit counts only as a whole: a part of it could freeze a bucket or leave it without a limit. */
function validLimit(
  fields: LimitFields,
  reader: HeadersReader | undefined,
  problems: HeaderProblems,
): RateLimitHeaders | undefined {
  const bucket = validBucket(fields.bucket, problems);
  const limit = validLimitValue(fields.limit, problems);
  const remaining = validRemaining(fields.remaining, limit, problems);
  const reset = validReset(fields.reset, problems);
  const resetAfter = validResetAfter(fields.resetAfter, reset, reader, problems);
  if (bucket === undefined || limit === undefined || remaining === undefined || resetAfter === undefined) {
    return undefined;
  }
  return reset === undefined
    ? { bucket, limit, remaining, resetAfter }
    : { bucket, limit, remaining, resetAfter, reset };
}

/** Whether `text` can be a bucket hash. */
export function isBucketHash(text: string): boolean {
  return text.length <= LONGEST_BUCKET_HASH && BUCKET_HASH.test(text);
}

function validBucket(bucket: string | undefined, problems: HeaderProblems): string | undefined {
  if (bucket === undefined) problems.add(BUCKET, '', 'is missing');
  else if (isBucketHash(bucket)) return bucket;
  else problems.add(BUCKET, bucket, 'is not a bucket hash');
  return undefined;
}

/** A limit of 0 would freeze its bucket for good, and was seen on routes that do admit requests. */
function validLimitValue(field: HeaderNumber, problems: HeaderProblems): number | undefined {
  if (Number.isSafeInteger(field.value) && field.value >= 1) return field.value;
  return problems.reject(field, 'is not a whole number of at least 1');
}

function validRemaining(field: HeaderNumber, limit: number | undefined, problems: HeaderProblems): number | undefined {
  if (!Number.isSafeInteger(field.value)) return problems.reject(field, 'is not a whole number');
  const remaining = Math.min(Math.max(field.value, 0), limit ?? field.value);
  if (remaining !== field.value) problems.reject(field, `is not between 0 and the limit; ${remaining} is used`);
  return remaining;
}

function validReset(field: HeaderNumber, problems: HeaderProblems): ServerInstant | undefined {
  if (field.given === undefined) return undefined;
  if (field.value > 0 && field.value <= LATEST_INSTANT) return field.value;
  return problems.reject(field, 'is not an instant');
}

/**
 * When reset-after cannot be used, the duration is the reset minus the `Date` header. The server rounds `Date` down to
 * whole seconds, so this duration is never too short.
 */
function validResetAfter(
  resetAfter: HeaderNumber,
  reset: ServerInstant | undefined,
  reader: HeadersReader | undefined,
  problems: HeaderProblems,
): Duration | undefined {
  if (resetAfter.given !== undefined) {
    const wait = validWait(resetAfter, problems);
    if (wait !== undefined) return wait;
  }
  const respondedAt = reset === undefined ? undefined : parseHTTPDate(reader?.get(DATE));
  if (reset !== undefined && respondedAt !== undefined) {
    return validWait({ header: RESET, given: reset, value: reset - respondedAt }, problems);
  }
  return resetAfter.given === undefined ? problems.reject(resetAfter, 'is missing') : undefined;
}

function validWait(field: HeaderNumber, problems: HeaderProblems): Duration | undefined {
  if (!Number.isFinite(field.value)) return problems.reject(field, 'is not a decimal number');
  if (field.value > MAX_WAIT) return problems.reject(field, 'is longer than 31 days');
  if (field.value >= 0) return field.value;
  problems.reject(field, 'is negative; 0 is used');
  return 0;
}

// --- Errors ---------------------------------------------------------------------------------------------------------

/** The information that only error responses carry. */
type ErrorLimits = Pick<ResponseLimits, 'scope' | 'isGlobal' | 'retryAfter' | 'hasJSONBody' | 'errorCode'>;

const NO_ERROR: ErrorLimits = {
  scope: undefined,
  isGlobal: false,
  retryAfter: undefined,
  hasJSONBody: undefined,
  errorCode: undefined,
};

function readError(
  status: number | undefined,
  reader: HeadersReader,
  body: unknown,
  problems: HeaderProblems,
): ErrorLimits {
  const json = status !== undefined && status < 500 ? parseBody(body) : undefined;
  const refusal = status === 429 ? json : undefined;
  const scope = readScope(reader, problems);
  const isGlobal = scope === 'global' || refusal?.global === true || readFlag(reader, GLOBAL, problems);
  const fromHeader = readRetryAfter(reader, problems);
  const fromBody = validBodyWait(refusal?.retry_after, problems);
  return {
    scope,
    isGlobal,
    retryAfter: longerWait(fromHeader, fromBody),
    hasJSONBody: json === undefined ? undefined : json !== null,
    errorCode: validCode(json?.code),
  };
}

function readScope(reader: HeadersReader, problems: HeaderProblems): RateLimitScope | undefined {
  const scope = readText(reader, SCOPE, problems)?.toLowerCase();
  if (scope === undefined || scope === 'user' || scope === 'global' || scope === 'shared') return scope;
  problems.add(SCOPE, scope, 'is not a known scope');
  return undefined;
}

function readFlag(reader: HeadersReader, name: string, problems: HeaderProblems): boolean {
  return readText(reader, name, problems)?.toLowerCase() === 'true';
}

/** Reads whole seconds, or an HTTP date minus the `Date` header. */
function readRetryAfter(reader: HeadersReader, problems: HeaderProblems): Duration | undefined {
  const date = parseHTTPDate(reader.get(RETRY_AFTER));
  if (date === undefined) {
    const field = readSeconds(reader, RETRY_AFTER, problems);
    return field.given === undefined ? undefined : validWait(field, problems);
  }
  const text = String(reader.get(RETRY_AFTER));
  const respondedAt = parseHTTPDate(reader.get(DATE));
  if (respondedAt !== undefined)
    return validWait({ header: RETRY_AFTER, given: text, value: date - respondedAt }, problems);
  problems.add(RETRY_AFTER, text, 'is a date, and there is no Date header to compare it with');
  return undefined;
}

function validCode(code: unknown): number | undefined {
  return typeof code === 'number' && Number.isSafeInteger(code) && code >= 0 ? code : undefined;
}

function validBodyWait(seconds: unknown, problems: HeaderProblems): Duration | undefined {
  if (seconds === undefined) return undefined;
  const value = typeof seconds === 'number' ? toMilliseconds(seconds) : Number.NaN;
  const text = typeof seconds === 'number' || typeof seconds === 'string' ? String(seconds) : typeof seconds;
  return validWait({ header: 'retry_after', given: text, value }, problems);
}

/**
 * The header is often the body's wait rounded up to whole seconds, so the body is more precise. When the two really
 * differ, the longer wait counts (`discord-api-docs#2190`; docs/theory.md, Refusals).
 */
function longerWait(fromHeader: Duration | undefined, fromBody: Duration | undefined): Duration | undefined {
  if (fromHeader === undefined || fromBody === undefined) return fromHeader ?? fromBody;
  return Math.ceil(fromBody / 1_000) * 1_000 === fromHeader ? fromBody : Math.max(fromHeader, fromBody);
}

/** The fields of an error's body that are used. */
interface ErrorBody {
  readonly code?: unknown;
  readonly retry_after?: unknown;
  readonly global?: unknown;
}

/** Returns `undefined` when the body was not given or has not been read, `null` when it is not a JSON object. */
function parseBody(body: unknown): ErrorBody | null | undefined {
  if (typeof body === 'string') return parseJSON(body);
  if (body === null || isPlainObject(body)) return body;
  return Array.isArray(body) ? {} : undefined;
}

function parseJSON(text: string): ErrorBody | null {
  try {
    const json: unknown = JSON.parse(text);
    return isPlainObject(json) ? json : null;
  } catch {
    return null;
  }
}
