import type { ServerInstant } from './units.js';

/** The format that servers must send (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`. */
const HTTP_DATE = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/** Parses an HTTP date; `undefined` when `text` is not one. Reads no clock. */
export function parseHTTPDate(text: string | null | undefined): ServerInstant | undefined {
  if (typeof text !== 'string' || !HTTP_DATE.test(text)) return undefined;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? undefined : instant;
}
