import { Client } from 'oceanic.js';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, needsNoToken, splitQuery, TOKEN } from './client.js';
import { interactionRouteOf } from './interaction-route.js';
import './node-fetch.js';

/**
 * Pointed at the simulator by `rest.baseURL`; the mark is one of the request's `headers`. The request handler cannot be
 * had without the client of the gateway, which does not connect, but counts for the memory.
 *
 * Its own methods send the token with answers to interactions and executions of webhooks, where none is needed. Here it
 * is left out for all clients alike, which spares this one the global limit.
 */
export function createClient(origin: string): ArenaClient {
  const client = new Client({ auth: `Bot ${TOKEN}`, rest: { baseURL: `${origin}/api/v10` } });
  // Without a listener an error of the connection ends the process; every example of the library has one.
  client.on('error', () => {});
  return {
    async send({ method, path, json }: ArenaRequest, mark: number): Promise<void> {
      const { bare, query } = splitQuery(path);
      const route = interactionRouteOf(bare);
      await client.rest.request({
        method,
        path: bare,
        headers: { [MARK_HEADER]: String(mark) },
        auth: !needsNoToken(path),
        json,
        ...(query && { query }),
        ...(route && { route }),
      });
    },
    close: () => {},
  };
}
