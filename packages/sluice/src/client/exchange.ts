import type { Clock } from '../clock/clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import type { Ending } from './abort.js';
import { Answer } from './answer.js';
import { withoutSecrets } from './cause.js';
import { HTTPError, type HTTPErrorCode } from './errors.js';
import { IdleTimeout } from './idle-timeout.js';
import { outgoing, type RequestBody, type UploadObserver } from './request-body.js';
import type { Fetch } from './transport.js';
import { transportFailure } from './transport-failure.js';

/** A request as it goes over the wire. */
export interface WireRequest {
  readonly route: CompiledRoute;
  /** It may hold a token. */
  readonly url: string;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RequestBody | undefined;
}

/** What carries a request. */
export interface ExchangeOptions {
  readonly transport: Fetch;
  readonly clock: Clock;
  /** How long nothing may move, in ms. */
  readonly timeout: Duration;
  /** Ends it; the reason is what is thrown. A timeout interrupts. */
  readonly ending: Ending;
}

/**
 * One request and its answer, watched from the first byte that is sent to the last that is read: when nothing moves
 * for `timeout` ms, it ends.
 */
export class Exchange {
  readonly #request: WireRequest;
  readonly #transport: Fetch;
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #ending: Ending;
  readonly #signal: AbortSignal;
  readonly #idle: IdleTimeout;

  constructor(request: WireRequest, { transport, clock, timeout, ending }: ExchangeOptions) {
    this.#request = request;
    this.#transport = transport;
    this.#clock = clock;
    this.#timeout = timeout;
    this.#ending = ending;
    // The one to go by after an interruption is another.
    this.#signal = ending.signal;
    this.#idle = new IdleTimeout(clock, timeout, () => {
      ending.interrupt(this.#error('TIMEOUT', `stood still for ${timeout} ms`));
    });
  }

  /**
   * Sends the request; fulfils as soon as the headers of the answer are here. Its body must be read at once, which
   * throws as this does.
   *
   * @throws HTTPError with code `UNSENT`, `LOST` or `TIMEOUT`; the signal's reason.
   */
  async send(): Promise<Answer> {
    try {
      this.#idle.start();
      const response = await this.#ending.until(this.#transport(this.#request.url, this.#init()));
      const answer = new Answer(response, () => this.#readBody(response));
      if (response.body === null) this.#idle.stop();
      else this.#idle.touch();
      return answer;
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
   * After its last piece, an upload still fills buffers that cannot be seen. If they hold no more than half of it, they
   * are empty after as long again as it took to get there.
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
      return await this.#ending.until(this.#readAll(reader));
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

  /** Ends the exchange and tells what is to be thrown. */
  #failed(thrown: unknown, status?: number): unknown {
    this.#idle.stop();
    if (this.#signal.aborted) return this.#signal.reason;
    const cause = withoutSecrets(thrown, secretsOf(this.#request));
    return transportFailure(thrown) === 'unsent' && status === undefined
      ? this.#error('UNSENT', 'could not be sent', { cause })
      : this.#error('LOST', 'lost its connection before the answer was complete', { cause, status });
  }

  #error(
    code: HTTPErrorCode,
    problem: string,
    details: { cause?: unknown; status?: number | undefined } = {},
  ): HTTPError {
    return new HTTPError(this.#request.route, { code, problem, ...details });
  }
}

/** What no error may show: the credentials, and the segments that the route masks. */
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
