import { RESTClient } from 'sluice';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, TOKEN } from './client.js';
import './node-fetch.js';

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/** The option `baseURL` names the simulator. The client itself omits the token where none is needed. */
export function createClient(origin: string): ArenaClient {
  const client = new RESTClient({ token: TOKEN, baseURL: `${origin}/api/v10` });
  return { send: sendThrough(client), close: () => client.close() };
}

/** Hands requests of the arena to a client. */
export function sendThrough(client: RESTClient): ArenaClient['send'] {
  return async ({ method, path, json }: ArenaRequest, mark: number): Promise<void> => {
    await client[VERBS[method]](path, { json, headers: { [MARK_HEADER]: String(mark) } });
  };
}
