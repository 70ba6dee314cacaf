import type { ManagerAcquireOptions } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import { encodeReason } from './audit-log-reason.js';
import type { ClientDefaults } from './client-options.js';
import type { WireRequest } from './exchange.js';
import { joinQuery } from './query.js';
import { buildBody, isRepeatable, type RequestBody } from './request-body.js';
import { checkAuthorization, checkRetries, checkTimeout, readHeaders } from './request-checks.js';
import type { RequestOptions } from './request-options.js';
import { resolveTarget } from './request-target.js';

/** A request that has been checked as a whole and can be sent. */
export interface PreparedRequest {
  readonly wire: WireRequest;
  readonly acquire: ManagerAcquireOptions;
  readonly timeout: Duration;
  readonly retries: number;
  /** Whether the body can be sent again. */
  readonly hasRepeatableBody: boolean;
  /** Whether it may be sent again as a POST that may have been carried out. */
  readonly repeatPost: boolean;
}

/**
 * Reads and checks all that a caller says of a request.
 *
 * @param method Left out, a compiled route's own or GET.
 * @throws RouteError when the path cannot be used; TypeError or RangeError that names the option at fault.
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
  throw new TypeError(`A ${method} request has no body`);
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

/** Whether Discord itself sees to it that a repeated message is sent once (facts part 8). */
function isDoneOnce(json: unknown): boolean {
  if (json === null || typeof json !== 'object') return false;
  const { nonce, enforce_nonce: enforceNonce } = json as { nonce?: unknown; enforce_nonce?: unknown };
  return enforceNonce === true && ((typeof nonce === 'string' && nonce !== '') || Number.isInteger(nonce));
}
