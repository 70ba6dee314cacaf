import type { Fetch } from '../../src/client/transport.js';

/** A request that a transport was given. */
export interface SentRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Headers;
  readonly text: Promise<string>;
}

/** A response, an error to throw, or a function that gets the signal. */
export type Step = Response | Error | ((signal: AbortSignal) => Promise<Response>);

/** A transport that plays a script. When the script is over, every response is a 204. */
export class ScriptedFetch {
  readonly sent: SentRequest[] = [];
  readonly #steps: Step[];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  readonly fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    this.sent.push({
      url: request.url,
      method: request.method,
      headers: request.headers,
      text: request.text(),
    });
    const step = this.#steps.shift() ?? new Response(null, { status: 204 });
    if (step instanceof Error) throw step;
    return step instanceof Response ? step : step(request.signal);
  };
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
}

/** A refusal by the bucket's own limit. `retryAfter` is in seconds. */
export function refusal(retryAfter: number, hash = 'abc'): Response {
  return json({ message: 'You are being rate limited.', retry_after: retryAfter, global: false }, 429, {
    'x-ratelimit-bucket': hash,
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset-after': String(retryAfter),
    'x-ratelimit-scope': 'user',
    'retry-after': String(Math.ceil(retryAfter)),
  });
}

/** The error that `fetch` throws when a connection fails. */
export function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
}

/** Never responds; respects the signal as `fetch` does. */
export const silence: Step = (signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** Never responds, and ignores the signal. */
export const unresponsive: Step = () => new Promise(() => {});

/** A response with headers and a first chunk that never ends. */
export function stalledBody(status = 200): Response {
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":')) });
  return new Response(body, { status });
}

/** A response with headers and a first chunk whose connection is lost. */
export function brokenBody(status = 200): Response {
  const chunks = [new TextEncoder().encode('{"a":')];
  const body = new ReadableStream({
    pull: (controller) => {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(chunk);
      else controller.error(connectionError('ECONNRESET'));
    },
  });
  return new Response(body, { status });
}

/** The error that a promise rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => {
      throw new Error(`Expected a rejection, not ${String(value)}`);
    },
    (error: unknown) => error,
  );
}
