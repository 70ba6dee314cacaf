/** All forms in which headers can be given. */
export type HeadersInput = NonNullable<ConstructorParameters<typeof Headers>[0]>;

/** @throws RangeError unless `timeout` is a time in ms above 0. */
export function checkTimeout(timeout: unknown): void {
  if (typeof timeout === 'number' && timeout > 0) return;
  throw new RangeError(`timeout must be a time in ms above 0, or Infinity, not ${String(timeout)}`);
}

/** @throws RangeError unless `retries` is a whole number of at least 0, or `Infinity`. */
export function checkRetries(retries: unknown): void {
  if (retries === Number.POSITIVE_INFINITY || (Number.isInteger(retries) && (retries as number) >= 0)) return;
  throw new RangeError(`retries must be a whole number of at least 0, or Infinity, not ${String(retries)}`);
}

/**
 * Returns `value` if it can be an Authorization header.
 *
 * @throws TypeError that names the option, without the value, if it cannot.
 */
export function checkAuthorization(option: string, value: string): string {
  if (/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value)) return value;
  throw new TypeError(`${option} must be one line of ASCII without surrounding whitespace`);
}

/** @throws TypeError, without any value, on a name or value that HTTP does not allow, and on Authorization. */
export function readHeaders(given: HeadersInput | undefined): Headers {
  let headers: Headers;
  try {
    headers = new Headers(given);
  } catch {
    throw new TypeError('headers contain a name or value that HTTP does not allow');
  }
  if (!headers.has('authorization')) return headers;
  throw new TypeError('headers must not contain Authorization: use token, or the auth option of a request');
}
