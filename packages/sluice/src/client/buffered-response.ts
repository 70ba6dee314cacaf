import type { CompiledRoute } from '../routes/route.js';
import { DiscordAPIError, HTTPError } from './errors.js';

type Body = Uint8Array<ArrayBuffer>;

const utf8 = new TextDecoder();

/** A response whose body is read once and then kept in memory. A permit can be completed with it. */
export class BufferedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly #response: Response;
  readonly #readBody: (response: Response) => Promise<Body>;
  #body: Promise<Body> | undefined;

  /** @param readBody Reads the whole body. */
  constructor(response: Response, readBody = bytesOf) {
    this.status = response.status;
    this.headers = response.headers;
    this.#response = response;
    this.#readBody = readBody;
  }

  get statusText(): string {
    return this.#response.statusText;
  }

  /** The whole body. */
  read(): Promise<Body> {
    this.#body ??= this.#readBody(this.#response);
    return this.#body;
  }

  /** The whole body as text. */
  async text(): Promise<string> {
    return utf8.decode(await this.read());
  }

  /** The original response or, once its body has been read, a copy: without a body if the original one was cut off. */
  async toResponse(): Promise<Response> {
    if (this.#body === undefined || this.#response.body === null) return this.#response;
    const { status, statusText, headers } = this.#response;
    return new Response(await this.#body.catch(() => null), { status, statusText, headers });
  }
}

async function bytesOf(response: Response): Promise<Body> {
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * The content of a response: parsed JSON, the text of any other body, or `undefined` for an empty body.
 *
 * @throws HTTPError on a status of 500 or more and on malformed JSON, DiscordAPIError on a status from 300 to 499.
 */
export async function contentOf(route: CompiledRoute, response: BufferedResponse): Promise<unknown> {
  const { status } = response;
  const text = await response.text();
  if (status >= 500) {
    const problem = `failed with status ${status} ${response.statusText}`.trimEnd();
    throw new HTTPError(route, { code: 'SERVER_ERROR', problem, status });
  }
  const isJSON = text !== '' && /\bjson\b/i.test(response.headers.get('content-type') ?? '');
  if (status >= 300) throw new DiscordAPIError(route, { status, body: isJSON ? (parseJSON(text) ?? text) : text });
  if (!isJSON) return text === '' ? undefined : text;
  const parsed = parseJSON(text);
  if (parsed !== undefined) return parsed;
  throw new HTTPError(route, { code: 'MALFORMED', problem: 'got a response with malformed JSON', status });
}

/** Returns `undefined` for malformed JSON. */
function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
