import { Client } from 'eris';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, needsNoToken, splitQuery, TOKEN } from './client.js';
import { ErisAgent } from './eris-agent.js';
import { interactionRouteOf } from './interaction-route.js';

/**
 * The option `rest.domain` names the simulator, and an agent speaks plain HTTP, because the library speaks only HTTPS
 * on port 443. The request handler needs the client of the gateway, which does not connect but takes memory.
 *
 * The library takes no headers. The mark goes to the agent in the URL's fragment, which is not part of a request, and
 * the agent turns it into the header. The library derives the route from the path without the fragment.
 *
 * The library's own method sends the token with responses to interactions, where none is needed. Here no client sends
 * it, which exempts this one from the global limit, too.
 */
export function createClient(origin: string): ArenaClient {
  const { hostname, port } = new URL(origin);
  const agent = new ErisAgent(Number(port));
  // The types require intents, which only the gateway reads.
  const { requestHandler } = new Client(`Bot ${TOKEN}`, { intents: [], rest: { domain: hostname, agent } });
  return {
    async send({ method, path, json }: ArenaRequest, mark: number): Promise<void> {
      const { bare, query } = splitQuery(path);
      const route = interactionRouteOf(bare) ?? requestHandler.routefy(bare, method);
      // The library turns the body of a GET into the query.
      const body = query ? Object.fromEntries(query) : (json as Record<string, unknown> | undefined);
      await requestHandler.request(method, `${bare}#${mark}`, !needsNoToken(path), body, undefined, route);
    },
    close: () => agent.destroy(),
  };
}
