import { REST, type RequestMethod, type RouteLike } from '@discordjs/rest';
import type { ArenaRequest } from '../scenario.js';
import { type ArenaClient, MARK_HEADER, needsNoToken, splitQuery, TOKEN } from './client.js';

/** The option `api` names the simulator; the library adds `/v10`. The mark is one of the request's `headers`. */
export function createClient(origin: string): ArenaClient {
  const rest = new REST({ api: `${origin}/api` }).setToken(TOKEN);
  return {
    async send({ method, path, json }: ArenaRequest, mark: number): Promise<void> {
      const { bare, query } = splitQuery(path);
      await rest.request({
        // The library's enum has exactly these values.
        method: method as RequestMethod,
        fullRoute: bare as RouteLike,
        headers: { [MARK_HEADER]: String(mark) },
        auth: !needsNoToken(path),
        ...(query && { query }),
        body: json,
      });
    },
    close(): void {
      rest.clearHashSweeper();
      rest.clearHandlerSweeper();
    },
  };
}
