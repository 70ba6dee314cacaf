import type { Concurrency } from '../buckets/concurrency.js';
import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import { Route } from '../routes/route.js';
import { BufferedResponse } from './buffered-response.js';
import { sendLimited } from './limited-request.js';
import { type Fetch, globalFetch } from './transport.js';

export type { Fetch };

/** Options of {@link limitedFetch}. */
export interface LimitedFetchOptions {
  /** Keeps the limits. Several clients may share it. */
  readonly manager: RESTBucketManager;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /**
   * Whether a URL belongs to the API. Requests to all other URLs go directly to `fetch`. Default: a URL whose path is
   * below `/api`, on any host.
   */
  readonly isLimited?: ((url: URL) => boolean) | undefined;
  /** Which requests of one bucket may be in flight together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
}

type Input = Parameters<Fetch>[0];
type Init = NonNullable<Parameters<Fetch>[1]>;

/**
 * Creates a drop-in `fetch` that keeps the limits, for any library that accepts a `fetch`.
 *
 * A request waits for its permit, and is sent again after a refusal (429) when the limiter allows it. A stream can be
 * sent only once, so the caller gets the refusal of a request whose body is a stream. The body of a `Request` object is
 * kept in memory until the response is received, so that it can be sent again. Nothing else is retried.
 *
 * The function rejects as `fetch` does, as `manager.acquire` does (RateLimitTooLongError, AuthorizationLockedError and
 * others), and with a RouteError when the path is invalid.
 */
export function limitedFetch(options: LimitedFetchOptions): Fetch {
  const { manager, fetch: transport = globalFetch, isLimited = isBelowAPI, concurrency } = options;
  return async (input, init = {}) => {
    const url = urlOf(input);
    if (url === undefined || !isLimited(url)) return transport(input, init);
    const request = isRequest(input) ? input : undefined;
    const headers = new Headers(init.headers ?? request?.headers);
    const hasOwnBody = (init.body ?? null) !== null;
    const response = await sendLimited(manager, {
      route: Route.match(init.method ?? request?.method ?? 'GET', url.pathname),
      acquire: {
        authorization: headers.get('authorization') ?? undefined,
        concurrency,
        body: jsonOf(init.body, headers),
      },
      signal: (init.signal === undefined ? request?.signal : init.signal) ?? undefined,
      isRepeatable: !hasOwnBody || isInMemory(init.body),
      send: async () => new BufferedResponse(await transport(request && !hasOwnBody ? request.clone() : input, init)),
    });
    return response.toResponse();
  };
}

function isBelowAPI({ pathname }: URL): boolean {
  return pathname === '/api' || pathname.startsWith('/api/');
}

/** `instanceof` would miss a `Request` of another realm or package. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}

/** Returns `undefined` for an invalid URL, so that `fetch` reports the error. */
function urlOf(input: Input): URL | undefined {
  try {
    return new URL(isRequest(input) ? input.url : input);
  } catch {
    return undefined;
  }
}

function isInMemory(body: Init['body']): boolean {
  if (typeof body === 'string' || body instanceof URLSearchParams || body instanceof FormData) return true;
  return body instanceof Blob || body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

/** The parsed body, whose fields may have limits of their own. */
function jsonOf(body: Init['body'], headers: Headers): unknown {
  if (typeof body !== 'string' || !headers.get('content-type')?.includes('json')) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
