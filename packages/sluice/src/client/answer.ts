import type { CompiledRoute } from '../routes/route.js';
import { DiscordAPIError, HTTPError } from './errors.js';

type Body = Uint8Array<ArrayBuffer>;

const utf8 = new TextDecoder();

/** An answer whose body is read once and can be had any number of times. A permit can be completed with it. */
export class Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly #response: Response;
  readonly #readBody: (response: Response) => Promise<Body>;
  #body: Promise<Body> | undefined;

  /** @param readBody Reads the body to its end. */
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

  /** The answer as it came or, if its body has been read, a copy; without a body where that was cut off. */
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
 * What an answer says: parsed JSON, the text of any other body, `undefined` when it is empty.
 *
 * @throws HTTPError on a status of 500 or more and on malformed JSON, DiscordAPIError on one from 300 to 499.
 */
export async function contentOf(route: CompiledRoute, answer: Answer): Promise<unknown> {
  const { status } = answer;
  const text = await answer.text();
  if (status >= 500) {
    const problem = `was answered with status ${status} ${answer.statusText}`.trimEnd();
    throw new HTTPError(route, { code: 'SERVER_ERROR', problem, status });
  }
  const isJSON = text !== '' && /\bjson\b/i.test(answer.headers.get('content-type') ?? '');
  if (status >= 300) throw new DiscordAPIError(route, { status, body: isJSON ? (parseJSON(text) ?? text) : text });
  if (!isJSON) return text === '' ? undefined : text;
  const parsed = parseJSON(text);
  if (parsed !== undefined) return parsed;
  throw new HTTPError(route, { code: 'MALFORMED', problem: 'was answered with malformed JSON', status });
}

/** `undefined` when it is malformed. */
function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
