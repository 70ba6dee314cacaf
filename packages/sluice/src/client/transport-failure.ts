import { HTTPError } from './errors.js';

/** Error codes of Node's sockets and undici (`E…`, `UND_…`), TLS and Bun for a connection that was not established. */
const UNSENT_CODES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NODATA',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'UND_ERR_CONNECT_TIMEOUT',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ConnectionRefused',
  'FailedToOpenSocket',
  'DNSLookupFailed',
  'DNSResolveFailed',
]);

/** System calls that run before anything is sent. */
const CONNECTING_CALLS: ReadonlySet<unknown> = new Set(['connect', 'getaddrinfo']);

/** The messages of Deno, which has no error codes. */
const DENO_CONNECT_ERROR = /client error \(Connect\)|error trying to connect/;

/** The longest chain of causes that is searched. */
const LONGEST_CHAIN = 8;

/**
 * Decides from a transport's error whether the request was never sent (`unsent`) or may have arrived (`lost`). Unknown
 * errors count as `lost`, which is safe.
 */
export function transportFailure(error: unknown): 'unsent' | 'lost' {
  if (error instanceof HTTPError) return error.code === 'UNSENT' ? 'unsent' : 'lost';
  let current = error;
  for (let depth = 0; depth < LONGEST_CHAIN && current instanceof Error; depth++) {
    if (isUnsent(current)) return 'unsent';
    current = current.cause;
  }
  return 'lost';
}

function isUnsent(error: Error): boolean {
  const { code, syscall, errors } = error as { code?: unknown; syscall?: unknown; errors?: unknown };
  if (UNSENT_CODES.has(code) || CONNECTING_CALLS.has(syscall)) return true;
  if (typeof code === 'string' && code.startsWith('CERT_')) return true;
  if (DENO_CONNECT_ERROR.test(error.message)) return true;
  // An AggregateError has one error for each address that was tried.
  return Array.isArray(errors) && errors.length > 0 && errors.every((one) => one instanceof Error && isUnsent(one));
}
