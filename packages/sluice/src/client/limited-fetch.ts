import type { Concurrency } from '../buckets/concurrency.js';
import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import { Route } from '../routes/route.js';
import { Answer } from './answer.js';
import { sendLimited } from './limited-request.js';
import { type Fetch, globalFetch } from './transport.js';

export type { Fetch };

/** Options of {@link limitedFetch}. */
export interface LimitedFetchOptions {
  /** Keeps the limits; it may be shared with other clients. */
  readonly manager: RESTBucketManager;
  /** Sends the requests. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /**
   * Which URLs belong to the API; all others go straight to `fetch`. Default: those with a path below `/api`, on any
   * host.
   */
  readonly isLimited?: ((url: URL) => boolean) | undefined;
  /** Which requests of one bucket may be under way together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
}

type Input = Parameters<Fetch>[0];
type Init = NonNullable<Parameters<Fetch>[1]>;

/**
 * Makes a drop-in `fetch` that keeps the limits: give it to any library that takes one.
 *
 * A request waits for its permit, and is sent again after a refusal (429) as the limiter says. Where the body is a
 * stream, which can be sent only once, the refusal is handed to the caller. The body of a `Request` object is kept in
 * memory until the answer comes, so that it can be sent again. Nothing else is retried.
 *
 * The function rejects as `fetch` does, as `manager.acquire` does (RateLimitTooLongError, AuthorizationLockedError and
 * others), and with RouteError on a path that cannot be read.
 */
export function limitedFetch(options: LimitedFetchOptions): Fetch {
  const { manager, fetch: transport = globalFetch, isLimited = isBelowAPI, concurrency } = options;
  return async (input, init = {}) => {
    const url = urlOf(input);
    if (url === undefined || !isLimited(url)) return transport(input, init);
    const request = isRequest(input) ? input : undefined;
    const headers = new Headers(init.headers ?? request?.headers);
    const hasOwnBody = (init.body ?? null) !== null;
    const answer = await sendLimited(manager, {
      route: Route.match(init.method ?? request?.method ?? 'GET', url.pathname),
      acquire: {
        authorization: headers.get('authorization') ?? undefined,
        concurrency,
        body: jsonOf(init.body, headers),
      },
      signal: (init.signal === undefined ? request?.signal : init.signal) ?? undefined,
      isRepeatable: !hasOwnBody || isInMemory(init.body),
      send: async () => new Answer(await transport(request && !hasOwnBody ? request.clone() : input, init)),
    });
    return answer.toResponse();
  };
}

function isBelowAPI({ pathname }: URL): boolean {
  return pathname === '/api' || pathname.startsWith('/api/');
}

/** A `Request` may be another realm's or package's. */
function isRequest(input: Input): input is Request {
  return typeof input === 'object' && 'url' in input;
}

/** `undefined` when it is none: what to say about that is left to `fetch`. */
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

/** The body's fields, by which limits on single fields are told apart. */
function jsonOf(body: Init['body'], headers: Headers): unknown {
  if (typeof body !== 'string' || !headers.get('content-type')?.includes('json')) return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
