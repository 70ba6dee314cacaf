import { LimiterClosedError } from '../errors.js';
import { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import { AbortScope, whenAborted } from './abort.js';
import { type BufferedResponse, contentOf } from './buffered-response.js';
import { type ClientDefaults, checkManager, type RESTClientOptions, readDefaults } from './client-options.js';
import { type PreparedRequest, prepareRequest } from './prepared-request.js';
import type { FetchOptions, RequestOptions } from './request-options.js';
import { type Sender, sendWithRetries } from './retrying-request.js';
import { globalFetch } from './transport.js';

/**
 * A client of Discord's REST API that keeps the rate limits.
 *
 * Each request waits for its permit. A request is sent again after a refusal (429) when the limiter allows it, and
 * after an error of the server or the connection with back-off (see `retries` and `repeatPost`). A request without
 * progress ends (see `timeout`).
 *
 * All methods take a path such as `/channels/123/messages`, or a compiled route, and reject with
 * - {@link DiscordAPIError} when Discord rejected the request (except `fetch`, which returns the response);
 * - {@link HTTPError} when there was no usable response (`fetch` returns a response with a status of 500 or more);
 * - RateLimitTooLongError when a limit lasts longer than `maxRateLimit`, QueueFullError, LimiterClosedError;
 * - AuthorizationLockedError after a 401 with the same token, WebhookLockedError after a 404 of the webhook (see
 *   `buckets.unlock`), InvalidRequestLimitError with the option `onLimit: 'reject'`;
 * - RouteError, TypeError or RangeError when the request itself is invalid, before anything is sent;
 * - the signal's own reason.
 *
 * No error contains a token.
 */
export class RESTClient implements Disposable {
  /** The manager that keeps the limits. */
  readonly buckets: RESTBucketManager;
  readonly #defaults: ClientDefaults;
  readonly #sender: Sender;
  readonly #ownsManager: boolean;
  /** One scope for each request that has not ended. */
  readonly #pending = new Set<AbortScope>();
  #isClosed = false;

  /** @throws TypeError or RangeError that names an option with an invalid value. No error contains the token. */
  constructor(options: RESTClientOptions) {
    this.#defaults = readDefaults(options);
    checkManager(options);
    this.#ownsManager = options.manager === undefined;
    this.buckets = options.manager ?? new RESTBucketManager(options);
    if (this.#ownsManager) this.buckets.start();
    this.#sender = {
      manager: this.buckets,
      transport: options.fetch ?? globalFetch,
      random: options.random ?? Math.random,
    };
  }

  /** Whether the client is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns The response's JSON, the text of any other body, or `undefined` when it is empty. */
  get<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('GET', target, options);
  }

  /** @returns The response's JSON, the text of any other body, or `undefined` when it is empty. */
  post<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('POST', target, options);
  }

  /** @returns The response's JSON, the text of any other body, or `undefined` when it is empty. */
  put<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('PUT', target, options);
  }

  /** @returns The response's JSON, the text of any other body, or `undefined` when it is empty. */
  patch<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('PATCH', target, options);
  }

  /** @returns The response's JSON, the text of any other body, or `undefined` when it is empty. */
  delete<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('DELETE', target, options);
  }

  /**
   * Sends a request and returns its response, whatever its status. Limits, retries and timeout apply as to every
   * request.
   *
   * The whole response has been read already, so that retries and timeout cover its body as well.
   */
  async fetch(target: string | CompiledRoute, options: FetchOptions = {}): Promise<Response> {
    const response = await this.#send(prepareRequest(target, options.method, options, this.#defaults), options.signal);
    return response.toResponse();
  }

  /**
   * Closes the client: all requests, whether waiting or in flight, reject with {@link LimiterClosedError}, and so do
   * later ones. A manager that was passed to the client is not closed.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const scope of this.#pending) scope.abort(new LimiterClosedError());
    if (this.#ownsManager) this.buckets.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #call<T>(method: string, target: string | CompiledRoute, options: RequestOptions = {}): Promise<T> {
    const request = prepareRequest(target, method, options, this.#defaults);
    const response = await this.#send(request, options.signal);
    return (await contentOf(request.wire.route, response)) as T;
  }

  async #send(request: PreparedRequest, signal: AbortSignal | undefined): Promise<BufferedResponse> {
    if (this.#isClosed) throw new LimiterClosedError(String(request.wire.route));
    const scope = new AbortScope();
    const stopListening = whenAborted(signal, (reason) => scope.abort(reason));
    this.#pending.add(scope);
    try {
      return await sendWithRetries(request, this.#sender, scope);
    } finally {
      this.#pending.delete(scope);
      stopListening();
    }
  }
}
