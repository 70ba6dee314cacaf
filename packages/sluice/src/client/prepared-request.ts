import type { ManagerAcquireOptions } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import type { WireRequest } from './attempt.js';
import { encodeReason } from './audit-log-reason.js';
import type { ClientDefaults } from './client-options.js';
import { joinQuery } from './query.js';
import { buildBody, isRepeatable, type RequestBody } from './request-body.js';
import { checkAuthorization, checkRetries, checkTimeout, readHeaders } from './request-checks.js';
import type { RequestOptions } from './request-options.js';
import { resolveTarget } from './request-target.js';

/** A request that has been validated and can be sent. */
export interface PreparedRequest {
  readonly wire: WireRequest;
  readonly acquire: ManagerAcquireOptions;
  readonly timeout: Duration;
  readonly retries: number;
  /** Whether the body can be sent again. */
  readonly hasRepeatableBody: boolean;
  /** Whether a POST may be sent again although Discord may have carried it out. */
  readonly repeatPost: boolean;
}

/**
 * Validates a request and its options.
 *
 * @param method Default: the method of a compiled route, or GET.
 * @throws RouteError when the path is invalid; TypeError or RangeError that names the invalid option.
 */
export function prepareRequest(
  target: string | CompiledRoute,
  method: string | undefined,
  options: RequestOptions,
  defaults: ClientDefaults,
): PreparedRequest {
  const { timeout = defaults.timeout, retries = defaults.retries, json, priority, concurrency } = options;
  checkTimeout(timeout);
  checkRetries(retries);
  const { route, query } = resolveTarget(target, method);
  const authorization = authorizationOf(options.auth, route, defaults.authorization);
  const body = bodyOf(route, options);
  const wire: WireRequest = {
    route,
    url: route.createURL(defaults.baseURL) + joinQuery(query, options.query),
    headers: headersOf(options, defaults, body, authorization),
    body,
  };
  return {
    wire,
    acquire: { authorization, priority, concurrency, body: json },
    timeout,
    retries,
    hasRepeatableBody: isRepeatable(body),
    repeatPost: options.repeatPost ?? isDoneOnce(json),
  };
}

function authorizationOf(
  auth: boolean | string | undefined,
  { sendsAuthorization }: CompiledRoute,
  ofClient: string | undefined,
): string | undefined {
  if (typeof auth === 'string') return checkAuthorization('auth', auth);
  if (auth === true && ofClient === undefined) throw new TypeError('auth is true, but the client has no token');
  return (auth ?? sendsAuthorization) ? ofClient : undefined;
}

function bodyOf({ method }: CompiledRoute, options: RequestOptions): RequestBody | undefined {
  const body = buildBody(options);
  if (body === undefined || (method !== 'GET' && method !== 'HEAD')) return body;
  throw new TypeError(`A ${method} request cannot have a body`);
}

function headersOf(
  { headers: given, reason }: RequestOptions,
  defaults: ClientDefaults,
  body: RequestBody | undefined,
  authorization: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (body?.contentType !== undefined) headers['content-type'] = body.contentType;
  if (authorization !== undefined) headers.authorization = authorization;
  Object.assign(headers, defaults.headers);
  if (given !== undefined) for (const [name, value] of readHeaders(given)) headers[name] = value;
  if (reason) headers['x-audit-log-reason'] = encodeReason(reason);
  return headers;
}

/** Whether Discord itself ensures that a repeated message is created only once. */
function isDoneOnce(json: unknown): boolean {
  if (json === null || typeof json !== 'object') return false;
  const { nonce, enforce_nonce: enforceNonce } = json as { nonce?: unknown; enforce_nonce?: unknown };
  return enforceNonce === true && ((typeof nonce === 'string' && nonce !== '') || Number.isInteger(nonce));
}
