import type { CompiledRoute } from '../routes/route.js';
import { DiscordAPIError, HTTPError } from './errors.js';

/** The same answer, read to its end. */
export async function readToEnd(response: Response): Promise<Response> {
  if (response.body === null) return response;
  const { status, statusText, headers } = response;
  return new Response(await response.arrayBuffer(), { status, statusText, headers });
}

/**
 * What an answer says: parsed JSON, the text of any other body, `undefined` when it is empty.
 *
 * @throws HTTPError on a status of 500 or more and on malformed JSON, DiscordAPIError on one from 300 to 499.
 */
export async function contentOf(route: CompiledRoute, response: Response): Promise<unknown> {
  const { status, statusText } = response;
  const text = await response.text();
  if (status >= 500) {
    const problem = `was answered with status ${status} ${statusText}`.trimEnd();
    throw new HTTPError(route, { code: 'SERVER_ERROR', problem, status });
  }
  const isJSON = /\bjson\b/i.test(response.headers.get('content-type') ?? '') && text !== '';
  if (!response.ok) throw new DiscordAPIError(route, { status, body: isJSON ? (parseJSON(text) ?? text) : text });
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
