import { Client } from 'eris';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, needsNoToken, splitQuery, TOKEN } from './client.js';
import { ErisAgent } from './eris-agent.js';
import { interactionRouteOf } from './interaction-route.js';

/**
 * Pointed at the simulator by `rest.domain`, and by an agent that speaks plain HTTP, as the library speaks only HTTPS on
 * port 443. The request handler cannot be had without the client of the gateway, which does not connect, but counts for
 * the memory.
 *
 * It takes no headers. The mark goes as the URL's fragment, which is no part of a request, to the agent, which makes the
 * header of it. The route is the one that the library makes of the path without it.
 *
 * Its own method sends the token with answers to interactions, where none is needed. Here it is left out for all clients
 * alike, which spares this one the global limit.
 */
export function createClient(origin: string): ArenaClient {
  const { hostname, port } = new URL(origin);
  const agent = new ErisAgent(Number(port));
  // The types ask for intents, which only the gateway reads.
  const { requestHandler } = new Client(`Bot ${TOKEN}`, { intents: [], rest: { domain: hostname, agent } });
  return {
    async send({ method, path, json }: ArenaRequest, mark: number): Promise<void> {
      const { bare, query } = splitQuery(path);
      const route = interactionRouteOf(bare) ?? requestHandler.routefy(bare, method);
      // Of a GET's body the library makes the query.
      const body = query ? Object.fromEntries(query) : (json as Record<string, unknown> | undefined);
      await requestHandler.request(method, `${bare}#${mark}`, !needsNoToken(path), body, undefined, route);
    },
    close: () => agent.destroy(),
  };
}
