import { Client } from 'oceanic.js';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, needsNoToken, splitQuery, TOKEN } from './client.js';
import { interactionRouteOf } from './interaction-route.js';
import './node-fetch.js';

/**
 * The option `rest.baseURL` names the simulator; the mark is one of the request's `headers`. The request handler needs
 * the client of the gateway, which does not connect but takes memory.
 *
 * The library's own methods send the token with responses to interactions and with executions of webhooks, where none
 * is needed. Here no client sends it, which exempts this one from the global limit, too.
 */
export function createClient(origin: string): ArenaClient {
  const client = new Client({ auth: `Bot ${TOKEN}`, rest: { baseURL: `${origin}/api/v10` } });
  // Without a listener, an error of the connection ends the process; every example of the library has one.
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
