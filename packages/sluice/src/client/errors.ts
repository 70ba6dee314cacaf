import type { CompiledRoute } from '../routes/route.js';
import { type FieldError, flattenFieldErrors } from './field-errors.js';

/** Field errors that a message shows; `errors` holds all of them. */
const SHOWN_FIELD_ERRORS = 20;

/** What a {@link DiscordAPIError} is made of. */
export interface DiscordAPIErrorDetails {
  readonly status: number;
  /** The answer's parsed JSON, or its text. */
  readonly body: unknown;
}

/** Discord understood a request and turned it down: a status from 300 to 499. */
export class DiscordAPIError extends Error {
  override readonly name = 'DiscordAPIError';
  /** The HTTP status. */
  readonly status: number;
  /** Discord's error code, as 50035, or OAuth2's, as `invalid_grant`; 0 when there is none. */
  readonly code: number | string;
  /** The method, in upper case. */
  readonly method: string;
  /** The request, as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;
  /** What is wrong with single fields of the body. */
  readonly errors: readonly FieldError[];
  /** The answer's body as it came: parsed JSON, or text. */
  readonly rawError: unknown;

  constructor(route: CompiledRoute, { status, body }: DiscordAPIErrorDetails) {
    const fields = fieldsOf(body);
    const code = codeOf(fields);
    const errors = flattenFieldErrors(fields.errors);
    super(`${summaryOf(fields)} (${describe(route, status, code)})${listOf(errors)}`);
    this.status = status;
    this.code = code;
    this.method = route.method;
    this.route = String(route);
    this.errors = errors;
    this.rawError = body;
  }

  /** Whether a value is such an error, also when it comes from another copy of this package. */
  static is(error: unknown): error is DiscordAPIError {
    return error instanceof Error && error.name === 'DiscordAPIError';
  }
}

/**
 * Why no usable answer came.
 *
 * - `UNSENT`: the request never left (connection refused, name not resolved).
 * - `LOST`: it left, and the connection ended before the end of the answer. It may have been carried out.
 * - `TIMEOUT`: nothing moved for as long as `timeout` says. It may have been carried out.
 * - `SERVER_ERROR`: the answer's status is 500 or more.
 * - `MALFORMED`: the answer calls itself JSON and is none.
 */
export type HTTPErrorCode = 'UNSENT' | 'LOST' | 'TIMEOUT' | 'SERVER_ERROR' | 'MALFORMED';

/** What an {@link HTTPError} is made of. */
export interface HTTPErrorDetails {
  readonly code: HTTPErrorCode;
  /** What happened, as a clause that starts with a verb. */
  readonly problem: string;
  readonly status?: number | undefined;
  /** What the transport threw. It must not hold a secret. */
  readonly cause?: unknown;
}

/** A request had no usable answer, after all retries that were allowed. */
export class HTTPError extends Error {
  override readonly name = 'HTTPError';
  readonly code: HTTPErrorCode;
  /** The HTTP status; `undefined` when no answer came. */
  readonly status: number | undefined;
  /** The method, in upper case. */
  readonly method: string;
  /** The request, as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;

  constructor(route: CompiledRoute, { code, problem, status, cause }: HTTPErrorDetails) {
    super(`${route} ${problem}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.status = status;
    this.method = route.method;
    this.route = String(route);
  }

  /** Whether a value is such an error, also when it comes from another copy of this package. */
  static is(error: unknown): error is HTTPError {
    return error instanceof Error && error.name === 'HTTPError';
  }
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return body !== null && typeof body === 'object' ? (body as Readonly<Record<string, unknown>>) : {};
}

function codeOf({ code, error }: Readonly<Record<string, unknown>>): number | string {
  if (typeof code === 'number' || typeof code === 'string') return code;
  return typeof error === 'string' ? error : 0;
}

function summaryOf({ message, error_description: description }: Readonly<Record<string, unknown>>): string {
  if (typeof message === 'string' && message !== '') return message;
  return typeof description === 'string' && description !== '' ? description : 'Discord turned the request down';
}

function describe(route: CompiledRoute, status: number, code: number | string): string {
  return `${route}: status ${status}${code === 0 ? '' : `, code ${code}`}`;
}

function listOf(errors: readonly FieldError[]): string {
  const lines = errors.slice(0, SHOWN_FIELD_ERRORS).map(({ path, code, message }) => {
    return `\n  ${path || 'body'}: ${message}${code === '' ? '' : ` [${code}]`}`;
  });
  if (errors.length > SHOWN_FIELD_ERRORS) lines.push(`\n  and ${errors.length - SHOWN_FIELD_ERRORS} more`);
  return lines.join('');
}
