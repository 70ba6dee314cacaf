import type { CompiledRoute } from '../routes/route.js';
import { type FieldError, flattenFieldErrors } from './field-errors.js';

/** How many field errors the message lists; `errors` has all of them. */
const SHOWN_FIELD_ERRORS = 20;

/** The details of a {@link DiscordAPIError}. */
export interface DiscordAPIErrorDetails {
  /** The HTTP status. */
  readonly status: number;
  /** The response's parsed JSON, or its text. */
  readonly body: unknown;
}

/** Discord rejected a request: the response has a status from 300 to 499. */
export class DiscordAPIError extends Error {
  override readonly name = 'DiscordAPIError';
  /** The HTTP status. */
  readonly status: number;
  /** Discord's error code, such as 50035, or that of OAuth2, such as `invalid_grant`; 0 when there is none. */
  readonly code: number | string;
  /** The method, in upper case. */
  readonly method: string;
  /** The request, such as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;
  /** The errors of single fields of the body. */
  readonly errors: readonly FieldError[];
  /** The body of the response as it was received: parsed JSON, or text. */
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

  /** Whether a value is a `DiscordAPIError`, even one from another copy of this package. */
  static is(error: unknown): error is DiscordAPIError {
    return error instanceof Error && error.name === 'DiscordAPIError';
  }
}

/**
 * Why a request has no usable response.
 *
 * - `UNSENT`: the request was never sent (connection refused, name not resolved).
 * - `LOST`: the connection ended before the end of the response. Discord may have carried out the request.
 * - `TIMEOUT`: the request made no progress for as long as `timeout`. Discord may have carried it out.
 * - `SERVER_ERROR`: the response has a status of 500 or more.
 * - `MALFORMED`: the content type of the response is JSON, but its body is not.
 */
export type HTTPErrorCode = 'UNSENT' | 'LOST' | 'TIMEOUT' | 'SERVER_ERROR' | 'MALFORMED';

/** The details of an {@link HTTPError}. */
export interface HTTPErrorDetails {
  readonly code: HTTPErrorCode;
  /** The predicate of the message, which follows the route, such as `could not be sent`. */
  readonly problem: string;
  /** The HTTP status; `undefined` when there was no response. */
  readonly status?: number | undefined;
  /** The error of the transport. It must not contain a secret. */
  readonly cause?: unknown;
}

/** A request had no usable response, even after retries. */
export class HTTPError extends Error {
  override readonly name = 'HTTPError';
  readonly code: HTTPErrorCode;
  /** The HTTP status; `undefined` when there was no response. */
  readonly status: number | undefined;
  /** The method, in upper case. */
  readonly method: string;
  /** The request, such as `POST /channels/123/messages`; secrets in the path are masked. */
  readonly route: string;

  constructor(route: CompiledRoute, { code, problem, status, cause }: HTTPErrorDetails) {
    super(`${route} ${problem}`, cause === undefined ? {} : { cause });
    this.code = code;
    this.status = status;
    this.method = route.method;
    this.route = String(route);
  }

  /** Whether a value is an `HTTPError`, even one from another copy of this package. */
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
  return typeof description === 'string' && description !== '' ? description : 'Discord rejected the request';
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
