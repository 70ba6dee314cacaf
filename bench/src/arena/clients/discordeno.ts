import { createRestManager, type MakeRequestOptions } from '@discordeno/rest';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, needsNoToken, TOKEN } from './client.js';
import './node-fetch.js';

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/**
 * The manager's `baseUrl` names the simulator. It is set after the manager is made: with the option `proxy.baseUrl`,
 * the library assumes a proxy that keeps the limits, and turns its own limiter off. The mark is one of the request's
 * `headers`.
 */
export function createClient(origin: string): ArenaClient {
  const rest = createRestManager({ token: TOKEN });
  rest.baseUrl = `${origin}/api`;
  return {
    async send({ method, path, json }: ArenaRequest, mark: number): Promise<void> {
      const options: MakeRequestOptions = { headers: { [MARK_HEADER]: String(mark) }, body: json };
      if (needsNoToken(path)) options.unauthorized = true;
      // As `sendInteractionResponse` does.
      if (path.startsWith('/interactions/')) options.runThroughQueue = false;
      await rest[VERBS[method]](path, options);
    },
    // The library has nothing to close; its timers end with the process.
    close: () => {},
  };
}
