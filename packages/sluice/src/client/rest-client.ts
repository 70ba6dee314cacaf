import { LimiterClosedError } from '../errors.js';
import { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import { Ending, whenAborted } from './abort.js';
import { type Answer, contentOf } from './answer.js';
import { type ClientDefaults, checkManager, type RESTClientOptions, readDefaults } from './client-options.js';
import { type PreparedRequest, prepareRequest } from './prepared-request.js';
import type { FetchOptions, RequestOptions } from './request-options.js';
import { type Sender, sendWithRetries } from './retrying-request.js';
import { globalFetch } from './transport.js';

/**
 * A client of Discord's REST API that keeps the limits by itself.
 *
 * Each request waits for its permit; a refusal (429) sends it again as the limiter says, errors of the server and the
 * connection send it again after a while (see `retries` and `repeatPost`), and silence ends it (see `timeout`).
 *
 * All methods take a path such as `/channels/123/messages`, or a compiled route, and reject with
 * - {@link DiscordAPIError} when Discord turned the request down (not `fetch`, which returns the answer);
 * - {@link HTTPError} when there was no usable answer (`fetch` returns those with a status of 500 or more);
 * - RateLimitTooLongError when a limit lasts longer than `maxRateLimit`, QueueFullError, LimiterClosedError;
 * - AuthorizationLockedError after a 401 to the same token, WebhookLockedError after a 404 of the webhook (see
 *   `buckets.unlock`), InvalidRequestLimitError if that was chosen;
 * - RouteError, TypeError or RangeError when the request itself is wrong, before anything is sent;
 * - the signal's own reason.
 *
 * No error holds a token.
 */
export class RESTClient implements Disposable {
  /** What keeps the limits. */
  readonly buckets: RESTBucketManager;
  readonly #defaults: ClientDefaults;
  readonly #sender: Sender;
  readonly #ownsManager: boolean;
  /** One for each request under way. */
  readonly #underway = new Set<Ending>();
  #isClosed = false;

  /** @throws TypeError or RangeError that names the option, when one is not as documented. No error holds the token. */
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

  /** Whether the client was closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** @returns The answer's JSON, the text of any other body, or `undefined` when it is empty. */
  get<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('GET', target, options);
  }

  /** @returns The answer's JSON, the text of any other body, or `undefined` when it is empty. */
  post<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('POST', target, options);
  }

  /** @returns The answer's JSON, the text of any other body, or `undefined` when it is empty. */
  put<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('PUT', target, options);
  }

  /** @returns The answer's JSON, the text of any other body, or `undefined` when it is empty. */
  patch<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('PATCH', target, options);
  }

  /** @returns The answer's JSON, the text of any other body, or `undefined` when it is empty. */
  delete<T = unknown>(target: string | CompiledRoute, options?: RequestOptions): Promise<T> {
    return this.#call<T>('DELETE', target, options);
  }

  /**
   * Sends a request and returns its answer, whatever its status; limits, retries and timeout apply as everywhere.
   *
   * The answer has been read to its end already, so that those cover its body too.
   */
  async fetch(target: string | CompiledRoute, options: FetchOptions = {}): Promise<Response> {
    const answer = await this.#send(prepareRequest(target, options.method, options, this.#defaults), options.signal);
    return answer.toResponse();
  }

  /**
   * Ends all: requests that wait or are under way reject with {@link LimiterClosedError}, as do all later ones. A
   * manager that was given to the client is not closed.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const ending of this.#underway) ending.abort(new LimiterClosedError());
    if (this.#ownsManager) this.buckets.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #call<T>(method: string, target: string | CompiledRoute, options: RequestOptions = {}): Promise<T> {
    const request = prepareRequest(target, method, options, this.#defaults);
    const answer = await this.#send(request, options.signal);
    return (await contentOf(request.wire.route, answer)) as T;
  }

  async #send(request: PreparedRequest, signal: AbortSignal | undefined): Promise<Answer> {
    if (this.#isClosed) throw new LimiterClosedError(String(request.wire.route));
    const ending = new Ending();
    const unfollow = whenAborted(signal, (reason) => ending.abort(reason));
    this.#underway.add(ending);
    try {
      return await sendWithRetries(request, this.#sender, ending);
    } finally {
      this.#underway.delete(ending);
      unfollow();
    }
  }
}
