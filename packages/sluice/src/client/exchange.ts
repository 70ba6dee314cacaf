import type { Clock } from '../clock/clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import { untilAborted, whenAborted } from './abort.js';
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
  readonly headers: Headers;
  readonly body: RequestBody | undefined;
  /** What no error may show. */
  readonly secrets: readonly string[];
}

/** What carries a request. */
export interface ExchangeOptions {
  readonly transport: Fetch;
  readonly clock: Clock;
  /** How long nothing may move, in ms. */
  readonly timeout: Duration;
  /** Ends it; its reason is what is thrown. */
  readonly signal: AbortSignal;
}

/**
 * One request and its answer, watched from the first byte that is sent to the last that is read: when nothing moves
 * for `timeout` ms, it ends. Time in which the caller does not read does not count.
 */
export class Exchange {
  readonly #request: WireRequest;
  readonly #transport: Fetch;
  readonly #clock: Clock;
  readonly #timeout: Duration;
  readonly #controller = new AbortController();
  readonly #idle: IdleTimeout;
  readonly #unfollow: () => void;

  constructor(request: WireRequest, { transport, clock, timeout, signal }: ExchangeOptions) {
    this.#request = request;
    this.#transport = transport;
    this.#clock = clock;
    this.#timeout = timeout;
    this.#idle = new IdleTimeout(clock, timeout, () => {
      this.#controller.abort(this.#error('TIMEOUT', `stood still for ${timeout} ms`));
    });
    this.#unfollow = whenAborted(signal, (reason) => this.#controller.abort(reason));
  }

  /**
   * Sends the request; fulfils as soon as the headers of the answer are here. Reading its body throws as this does.
   *
   * @throws HTTPError with code `UNSENT`, `LOST` or `TIMEOUT`; the signal's reason.
   */
  async send(): Promise<Response> {
    try {
      this.#idle.start();
      const response = await untilAborted(this.#controller.signal, this.#transport(this.#request.url, this.#init()));
      this.#idle.stop();
      return this.#watched(response);
    } catch (thrown) {
      throw this.#failed(thrown);
    }
  }

  #init(): RequestInit {
    const { route, headers, body } = this.#request;
    const { signal } = this.#controller;
    if (body === undefined) return { method: route.method, headers, signal };
    const { contentLength, ...parts } = outgoing(body, this.#observeUpload());
    const sent = new Headers(headers);
    if (contentLength !== undefined) sent.set('content-length', String(contentLength));
    return { method: route.method, headers: sent, signal, ...parts };
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

  /** The same answer, with a body that is watched while it is read. */
  #watched(response: Response): Response {
    const { body, status, statusText, headers } = response;
    if (body === null) {
      this.#end();
      return response;
    }
    const reader = body.getReader();
    const watched = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const chunk = await this.#read(reader, status);
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        },
        cancel: (reason) => {
          this.#end();
          return reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(watched, { status, statusText, headers });
  }

  /** The next chunk; `undefined` at the end. */
  async #read(reader: ReadableStreamDefaultReader<Uint8Array>, status: number): Promise<Uint8Array | undefined> {
    try {
      this.#idle.start();
      const { done, value } = await untilAborted(this.#controller.signal, reader.read());
      this.#idle.stop();
      if (!done) return value;
      this.#end();
      return undefined;
    } catch (thrown) {
      reader.cancel(thrown).catch(() => {});
      throw this.#failed(thrown, status);
    }
  }

  /** Ends the exchange and tells what is to be thrown. */
  #failed(thrown: unknown, status?: number): unknown {
    this.#end();
    const { signal } = this.#controller;
    if (signal.aborted) return signal.reason;
    const cause = withoutSecrets(thrown, this.#request.secrets);
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

  #end(): void {
    this.#idle.stop();
    this.#unfollow();
  }
}
