import type { ArenaRequest } from '../scenario.js';
import { MARK_HEADER, needsNoToken, TOKEN } from './client.js';

/** The request that a user of `fetch` would write without a library: URL and options. */
export function fetchArguments(
  origin: string,
  { method, path, json }: ArenaRequest,
  mark: number,
): [url: string, init: RequestInit] {
  const headers: Record<string, string> = { [MARK_HEADER]: String(mark) };
  if (!needsNoToken(path)) headers.authorization = `Bot ${TOKEN}`;
  if (json !== undefined) headers['content-type'] = 'application/json';
  const body = json === undefined ? null : JSON.stringify(json);
  return [`${origin}/api/v10${path}`, { method, headers, body }];
}
