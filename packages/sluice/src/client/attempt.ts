import type { Clock } from '../clock/clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import type { AbortScope } from './abort.js';
import { BufferedResponse } from './buffered-response.js';
import { withoutSecrets } from './cause.js';
import { HTTPError, type HTTPErrorCode } from './errors.js';
import { IdleTimeout } from './idle-timeout.js';
import { outgoing, type RequestBody, type UploadObserver } from './request-body.js';
import type { Fetch } from './transport.js';
import { transportFailure } from './transport-failure.js';

/** A request as it is sent. */
export interface WireRequest {
  readonly route: CompiledRoute;
  /** The full URL. It may contain a token. */
  readonly url: string;
  /** Headers by name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
}

/** Options of an {@link Attempt}. */
export interface AttemptOptions {
  readonly transport: Fetch;
  readonly clock: Clock;
  /** How long the attempt may make no progress, in ms. */
  readonly timeout: Duration;
  /** Ends the attempt with the reason of the abort. A timeout interrupts it. */
  readonly scope: AbortScope;
}

/**
 * One attempt to send a request and read its response. It ends when neither has made progress for `timeout` ms, from
 * the first byte that is sent to the last byte that is read.
 */
export class Attempt {
  readonly #request: WireRequest;
  readonly #transport: Fetch;
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #scope: AbortScope;
  readonly #signal: AbortSignal;
  readonly #idle: IdleTimeout;

  constructor(request: WireRequest, { transport, clock, timeout, scope }: AttemptOptions) {
    this.#request = request;
    this.#transport = transport;
    this.#clock = clock;
    this.#timeout = timeout;
    this.#scope = scope;
    // An interruption replaces the scope's signal; this attempt keeps its own.
    this.#signal = scope.signal;
    this.#idle = new IdleTimeout(clock, timeout, () => {
      scope.interrupt(this.#error('TIMEOUT', `timed out: there was no progress for ${timeout} ms`));
    });
  }

  /**
   * Sends the request, and resolves as soon as the headers of the response are received. The caller must read the body
   * immediately; reading throws the same errors.
   *
   * @throws HTTPError with the code `UNSENT`, `LOST` or `TIMEOUT`; the reason of an abort.
   */
  async send(): Promise<BufferedResponse> {
    try {
      this.#idle.start();
      const response = await this.#scope.until(this.#transport(this.#request.url, this.#init()));
      if (response.body === null) this.#idle.stop();
      else this.#idle.touch();
      return new BufferedResponse(response, () => this.#readBody(response));
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  #init(): RequestInit {
    const { route, headers, body } = this.#request;
    const init: RequestInit = { method: route.method, headers, signal: this.#signal };
    if (body === undefined) return init;
    const sent = outgoing(body, this.#observeUpload());
    init.body = sent.body;
    if (sent.duplex !== undefined) init.duplex = sent.duplex;
    if (sent.contentLength !== undefined) init.headers = { ...headers, 'content-length': String(sent.contentLength) };
    return init;
  }

  /**
   * After its last piece, an upload may still be in buffers of the system, whose progress is invisible. If they contain
   * at most half of the upload, sending them takes no longer than the upload has taken so far, so the timeout is
   * extended by that time.
   */
  #observeUpload(): UploadObserver {
    const startedAt = this.#clock.now();
    return {
      onPiece: () => this.#idle.touch(),
      onEnd: () => this.#idle.touch(this.#timeout + this.#clock.now() - startedAt),
    };
  }

  async #readBody({ body, status }: Response): Promise<Uint8Array<ArrayBuffer>> {
    if (body === null) return new Uint8Array();
    const reader = body.getReader();
    try {
      return await this.#scope.until(this.#readAll(reader));
    } catch (thrown) {
      reader.cancel(thrown).catch(() => {});
      throw this.#failed(thrown, status);
    } finally {
      this.#idle.stop();
    }
  }

  async #readAll(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return joined(chunks);
      this.#idle.touch();
      chunks.push(value);
    }
  }

  /** Stops the timeout and returns the error to throw. */
  #failed(thrown: unknown, status?: number): unknown {
    this.#idle.stop();
    if (this.#signal.aborted) return this.#signal.reason;
    const cause = withoutSecrets(thrown, secretsOf(this.#request));
    return transportFailure(thrown) === 'unsent' && status === undefined
      ? this.#error('UNSENT', 'could not be sent', { cause })
      : this.#error('LOST', 'lost its connection before the response was complete', { cause, status });
  }

  #error(
    code: HTTPErrorCode,
    problem: string,
    details: { cause?: unknown; status?: number | undefined } = {},
  ): HTTPError {
    return new HTTPError(this.#request.route, { code, problem, ...details });
  }
}

/** The texts that no error may contain: the credentials, and the path segments that the route masks. */
function secretsOf({ route, headers: { authorization } }: WireRequest): string[] {
  const shown = new Set(String(route).split('/'));
  const masked = route.compiledPath.split('/').filter((segment) => !shown.has(segment));
  const credentials = authorization?.slice(authorization.indexOf(' ') + 1);
  return [...masked, credentials ?? ''].filter((secret) => secret !== '');
}

function joined(chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first = new Uint8Array()] = chunks;
  if (chunks.length <= 1) return first;
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.byteLength, 0));
  let length = 0;
  for (const chunk of chunks) {
    all.set(chunk, length);
    length += chunk.byteLength;
  }
  return all;
}
