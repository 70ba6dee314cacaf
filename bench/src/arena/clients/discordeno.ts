import { createRestManager, type MakeRequestOptions } from '@discordeno/rest';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, needsNoToken, TOKEN } from './client.js';
import './node-fetch.js';

const VERBS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const;

/**
 * Pointed at the simulator by the manager's `baseUrl`, set after it was made: the option `proxy.baseUrl` says that
 * whoever listens there keeps the limits, and turns the library's own limiter off. The mark is one of the request's
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
    // It has nothing to close; its timers end with the process.
    close: () => {},
  };
}
