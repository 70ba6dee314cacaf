import { type HeadersReader, type HeadersSource, readerOf } from './header-source.js';
import { parseHTTPDate } from './http-date.js';
import { isPlainObject } from './plain-object.js';
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

/** A response; a Fetch `Response` is one. */
export interface ResponseSource {
  readonly status: number;
  readonly headers: HeadersSource;
  /**
   * The parsed JSON of the body, or its text; `null` when it is empty. It matters on a 429, and on a 404 of a webhook. A
   * stream or anything else that is not read yet counts as not given.
   */
  readonly body?: unknown;
}

/** Everything from which limits can be read. */
export type LimitsSource = ResponseSource | HeadersSource | RateLimitHeaders;

/** Why a response counts: this bot's own limit, the global limit, or one that a resource shares with others. */
export type RateLimitScope = 'user' | 'global' | 'shared';

/** A value that was missing, malformed or out of range, and so was ignored or corrected. */
export interface HeaderProblem {
  /** Name of the header in lower case; `retry_after` and `global` are the body's. */
  readonly header: string;
  /** The value as it came, cut to 100 characters; empty when it is missing. */
  readonly value: string;
  readonly reason: string;
}

/** What one response says about limits. */
export interface ResponseLimits {
  /** The status; `undefined` when only headers were given. */
  readonly status: number | undefined;
  /** The bucket's limit; `undefined` unless all of it was given and makes sense. */
  readonly known: RateLimitHeaders | undefined;
  /** Whether the response had any header of a bucket's limit, even a malformed one. */
  readonly hasLimitHeaders: boolean;
  readonly scope: RateLimitScope | undefined;
  /** Whether header, scope or body call it the global limit. */
  readonly isGlobal: boolean;
  /** How long to wait, as `Retry-After` and, on a 429, the body say, in ms. */
  readonly retryAfter: Duration | undefined;
  /** Whether the body of a 4xx is JSON; `undefined` when it was not given, or the status is another. */
  readonly hasJSONBody: boolean | undefined;
  /** Discord's error code in the body of a 4xx, as 10015; `undefined` when there is none. */
  readonly errorCode: number | undefined;
  readonly problems: readonly HeaderProblem[];
}

/**
 * The longest wait that is believed: 31 days in ms. Real ones reach days (102737.719 s, facts part 1); beyond this, a
 * header would freeze its bucket rather than limit it.
 */
export const MAX_WAIT: Duration = 31 * 24 * 60 * 60 * 1_000;

/** Longer bucket hashes are not believed; real ones have 32 characters. */
const LONGEST_BUCKET_HASH = 128;

/** How much of a value a problem quotes. */
const LONGEST_QUOTE = 100;

/** Visible ASCII without `;`, which separates the parts of a bucket's key. */
const BUCKET_HASH = /^[!-:<-~]+$/;

/** The last instant that ECMAScript can name, in ms since the epoch. */
const LATEST_INSTANT: ServerInstant = 8.64e15;

/** Absorbs the error of `seconds * 1000`, which is below it for every instant of this millennium. */
const ROUNDING = 0.001;

/** The names that matter, as {@link HeadersReader} is asked for them. */
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
 * Reads what a response says about limits. This is the only place that knows that the wire speaks seconds.
 * Whatever the content, it never throws, and no number it gives is NaN, infinite, negative or absurd.
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

/** A number as it came: `given` is what a problem quotes, `undefined` when it is missing; `value` may be NaN. */
interface Field {
  readonly header: string;
  readonly given: string | number | undefined;
  readonly value: number;
}

/** The fields of a bucket's limit, read but not judged. Waits and instants are in ms already. */
interface LimitFields {
  readonly bucket: string | undefined;
  readonly limit: Field;
  readonly remaining: Field;
  readonly resetAfter: Field;
  readonly reset: Field;
}

/** Collects problems; allocates only when there are any. */
class Problems {
  #found: HeaderProblem[] | undefined;

  get found(): readonly HeaderProblem[] {
    return this.#found ?? NO_PROBLEMS;
  }

  add(header: string, value: string, reason: string): void {
    this.#found ??= [];
    this.#found.push({ header, value: value.slice(0, LONGEST_QUOTE), reason });
  }

  /** Reports a field whose value cannot be taken as it is. */
  reject(field: Field, reason: string): undefined {
    if (field.given === undefined) this.add(field.header, '', 'is missing');
    else this.add(field.header, String(field.given), reason);
  }
}

const NO_PROBLEM = new Problems();
const NO_PROBLEMS: readonly HeaderProblem[] = Object.freeze([]);

function readResponse(status: number | undefined, reader: HeadersReader, body: unknown): ResponseLimits {
  const problems = new Problems();
  const fields: LimitFields = {
    bucket: readText(reader, BUCKET, problems),
    limit: readNumber(reader, LIMIT, problems),
    remaining: readNumber(reader, REMAINING, problems),
    resetAfter: readSeconds(reader, RESET_AFTER, problems),
    reset: readSeconds(reader, RESET, problems),
  };
  const hasLimitHeaders = hasAny(fields);
  const known = hasLimitHeaders ? judgeLimit(fields, reader, problems) : undefined;
  // The rest is on refusals only (facts part 1).
  const error = status !== undefined && status < 400 ? NO_ERROR : readError(status, reader, body, problems);
  return limitsOf(status, known, hasLimitHeaders, error, problems);
}

function readParsed(headers: RateLimitHeaders): ResponseLimits {
  if (isSane(headers)) return limitsOf(undefined, copyOf(headers), true, NO_ERROR, NO_PROBLEM);
  const problems = new Problems();
  const fields: LimitFields = {
    bucket: headers.bucket,
    limit: numberField(LIMIT, headers.limit),
    remaining: numberField(REMAINING, headers.remaining),
    resetAfter: numberField(RESET_AFTER, headers.resetAfter),
    reset: numberField(RESET, headers.reset),
  };
  return limitsOf(undefined, judgeLimit(fields, undefined, problems), true, NO_ERROR, problems);
}

/** Whether there is nothing to judge, as is usual. */
function isSane({ bucket, limit, remaining, resetAfter, reset = LATEST_INSTANT }: RateLimitHeaders): boolean {
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

/** Names each field, as copying them with `...` takes several times as long. */
function limitsOf(
  status: number | undefined,
  known: RateLimitHeaders | undefined,
  hasLimitHeaders: boolean,
  { scope, isGlobal, retryAfter, hasJSONBody, errorCode }: ErrorLimits,
  { found: problems }: Problems,
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

// --- Reading --------------------------------------------------------------------------------------------------------

/** The value of a header; of several, the first. */
function readText(reader: HeadersReader, name: string, problems: Problems): string | undefined {
  return firstValue(reader.get(name), name, problems);
}

function firstValue(joined: string | null | undefined, name: string, problems: Problems): string | undefined {
  if (typeof joined !== 'string') return undefined;
  if (!joined.includes(',')) return joined.trim();
  const [first = '', ...others] = joined.split(',').map((value) => value.trim());
  if (others.some((value) => value !== first)) problems.add(name, joined, 'has several values; the first is taken');
  return first;
}

/** Plain decimals only: neither hex nor exponents nor what else `Number` would take. */
const DECIMAL = /^-?\d{1,15}(?:\.\d{1,20})?$/;

/** Up to so many characters, both the digits as a whole number and the power of ten below them are exact. */
const LONGEST_SIMPLE_DECIMAL = 15;

function parseDecimal(text: string): number {
  return DECIMAL.test(text) ? Number(text) : Number.NaN;
}

/** The same for what Discord sends, as `5` and `1470173023.123`, in a third of the time; NaN for what is not as simple. */
function parseSimpleDecimal(text: string): number {
  const { length } = text;
  if (length === 0 || length > LONGEST_SIMPLE_DECIMAL) return Number.NaN;
  let digits = 0;
  let point = length;
  for (let index = 0; index < length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (digit === POINT && point === length && index > 0 && index < length - 1) point = index + 1;
    else return Number.NaN;
  }
  return digits / powerOfTen(length - point);
}

/** The code of `0`, and of `.` counted from there. */
const ZERO = 0x30;
const POINT = 0x2e - ZERO;

/** Exact, unlike `10 ** exponent` on some engines. */
function powerOfTen(exponent: number): number {
  let power = 1;
  for (let count = 0; count < exponent; count++) power *= 10;
  return power;
}

function readNumber(reader: HeadersReader, name: string, problems: Problems): Field {
  const joined = reader.get(name);
  if (typeof joined === 'string') {
    const value = parseSimpleDecimal(joined);
    if (!Number.isNaN(value)) return { header: name, given: joined, value };
  }
  const given = firstValue(joined, name, problems);
  return { header: name, given, value: given === undefined ? Number.NaN : parseDecimal(given) };
}

function readSeconds(reader: HeadersReader, name: string, problems: Problems): Field {
  const { header, given, value } = readNumber(reader, name, problems);
  return { header, given, value: toMilliseconds(value) };
}

/** Rounds up, as waiting too short is what must not be. (`+ 0` makes −0 of the rounding 0.) */
function toMilliseconds(seconds: number): Duration {
  return Math.ceil(seconds * 1_000 - ROUNDING) + 0;
}

function numberField(header: string, value: number | undefined): Field {
  return { header, given: value, value: value ?? Number.NaN };
}

// --- Judging --------------------------------------------------------------------------------------------------------

/** A limit counts only as a whole: half a limit could freeze a bucket or let it run free. */
function judgeLimit(
  fields: LimitFields,
  reader: HeadersReader | undefined,
  problems: Problems,
): RateLimitHeaders | undefined {
  const bucket = judgeBucket(fields.bucket, problems);
  const limit = judgeLimitValue(fields.limit, problems);
  const remaining = judgeRemaining(fields.remaining, limit, problems);
  const reset = judgeReset(fields.reset, problems);
  const resetAfter = judgeResetAfter(fields.resetAfter, reset, reader, problems);
  if (bucket === undefined || limit === undefined || remaining === undefined || resetAfter === undefined) {
    return undefined;
  }
  return reset === undefined
    ? { bucket, limit, remaining, resetAfter }
    : { bucket, limit, remaining, resetAfter, reset };
}

/** Whether a text can be a bucket hash. */
export function isBucketHash(text: string): boolean {
  return text.length <= LONGEST_BUCKET_HASH && BUCKET_HASH.test(text);
}

function judgeBucket(bucket: string | undefined, problems: Problems): string | undefined {
  if (bucket === undefined) problems.add(BUCKET, '', 'is missing');
  else if (isBucketHash(bucket)) return bucket;
  else problems.add(BUCKET, bucket, 'is no bucket hash');
  return undefined;
}

/** A limit of 0 would freeze its bucket for good, and was seen where it was not true (facts part 1). */
function judgeLimitValue(field: Field, problems: Problems): number | undefined {
  if (Number.isSafeInteger(field.value) && field.value >= 1) return field.value;
  return problems.reject(field, 'is not a whole number of at least 1');
}

function judgeRemaining(field: Field, limit: number | undefined, problems: Problems): number | undefined {
  if (!Number.isSafeInteger(field.value)) return problems.reject(field, 'is not a whole number');
  const remaining = Math.min(Math.max(field.value, 0), limit ?? field.value);
  if (remaining !== field.value) problems.reject(field, `is not between 0 and the limit; taken as ${remaining}`);
  return remaining;
}

function judgeReset(field: Field, problems: Problems): ServerInstant | undefined {
  if (field.given === undefined) return undefined;
  if (field.value > 0 && field.value <= LATEST_INSTANT) return field.value;
  return problems.reject(field, 'is no instant');
}

/**
 * Without a usable reset-after, the reset counts from the `Date` header: the server cuts that to whole seconds, so the
 * difference is never too short.
 */
function judgeResetAfter(
  resetAfter: Field,
  reset: ServerInstant | undefined,
  reader: HeadersReader | undefined,
  problems: Problems,
): Duration | undefined {
  if (resetAfter.given !== undefined) {
    const wait = judgeWait(resetAfter, problems);
    if (wait !== undefined) return wait;
  }
  const answeredAt = reset === undefined ? undefined : parseHTTPDate(reader?.get(DATE));
  if (reset !== undefined && answeredAt !== undefined) {
    return judgeWait({ header: RESET, given: reset, value: reset - answeredAt }, problems);
  }
  return resetAfter.given === undefined ? problems.reject(resetAfter, 'is missing') : undefined;
}

function judgeWait(field: Field, problems: Problems): Duration | undefined {
  if (!Number.isFinite(field.value)) return problems.reject(field, 'is not a decimal number');
  if (field.value > MAX_WAIT) return problems.reject(field, 'is longer than 31 days');
  if (field.value >= 0) return field.value;
  problems.reject(field, 'is negative; taken as 0');
  return 0;
}

// --- Refusals -------------------------------------------------------------------------------------------------------

/** What only a refusal says. */
type ErrorLimits = Pick<ResponseLimits, 'scope' | 'isGlobal' | 'retryAfter' | 'hasJSONBody' | 'errorCode'>;

const NO_ERROR: ErrorLimits = {
  scope: undefined,
  isGlobal: false,
  retryAfter: undefined,
  hasJSONBody: undefined,
  errorCode: undefined,
};

function readError(status: number | undefined, reader: HeadersReader, body: unknown, problems: Problems): ErrorLimits {
  const json = status !== undefined && status < 500 ? parseBody(body) : undefined;
  const refusal = status === 429 ? json : undefined;
  const scope = readScope(reader, problems);
  const isGlobal = scope === 'global' || refusal?.global === true || readFlag(reader, GLOBAL, problems);
  const fromHeader = readRetryAfter(reader, problems);
  const fromBody = judgeBodyWait(refusal?.retry_after, problems);
  return {
    scope,
    isGlobal,
    retryAfter: laterWait(fromHeader, fromBody),
    hasJSONBody: json === undefined ? undefined : json !== null,
    errorCode: judgeCode(json?.code),
  };
}

function readScope(reader: HeadersReader, problems: Problems): RateLimitScope | undefined {
  const scope = readText(reader, SCOPE, problems)?.toLowerCase();
  if (scope === undefined || scope === 'user' || scope === 'global' || scope === 'shared') return scope;
  problems.add(SCOPE, scope, 'is no known scope');
  return undefined;
}

function readFlag(reader: HeadersReader, name: string, problems: Problems): boolean {
  return readText(reader, name, problems)?.toLowerCase() === 'true';
}

/** Whole seconds, or an HTTP date, which counts from the `Date` header. */
function readRetryAfter(reader: HeadersReader, problems: Problems): Duration | undefined {
  const date = parseHTTPDate(reader.get(RETRY_AFTER));
  if (date === undefined) {
    const field = readSeconds(reader, RETRY_AFTER, problems);
    return field.given === undefined ? undefined : judgeWait(field, problems);
  }
  const text = String(reader.get(RETRY_AFTER));
  const answeredAt = parseHTTPDate(reader.get(DATE));
  if (answeredAt !== undefined)
    return judgeWait({ header: RETRY_AFTER, given: text, value: date - answeredAt }, problems);
  problems.add(RETRY_AFTER, text, 'is a date, and there is no Date header to count from');
  return undefined;
}

function judgeCode(code: unknown): number | undefined {
  return typeof code === 'number' && Number.isSafeInteger(code) && code >= 0 ? code : undefined;
}

function judgeBodyWait(seconds: unknown, problems: Problems): Duration | undefined {
  if (seconds === undefined) return undefined;
  const value = typeof seconds === 'number' ? toMilliseconds(seconds) : Number.NaN;
  const text = typeof seconds === 'number' || typeof seconds === 'string' ? String(seconds) : typeof seconds;
  return judgeWait({ header: 'retry_after', given: text, value }, problems);
}

/**
 * The header is often the body's wait rounded up to whole seconds: then the body is the finer one. Where they really
 * differ, the later counts (facts part 4, #2190).
 */
function laterWait(fromHeader: Duration | undefined, fromBody: Duration | undefined): Duration | undefined {
  if (fromHeader === undefined || fromBody === undefined) return fromHeader ?? fromBody;
  return Math.ceil(fromBody / 1_000) * 1_000 === fromHeader ? fromBody : Math.max(fromHeader, fromBody);
}

/** The fields of an error's body that matter. */
interface ErrorBody {
  readonly code?: unknown;
  readonly retry_after?: unknown;
  readonly global?: unknown;
}

/** `undefined`: the body was not given, or is not read yet; `null`: it is not a JSON object. */
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
