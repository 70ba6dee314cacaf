import type { ArenaRequest } from '../scenario.js';

/** A library under test, with its own limiter and all its defaults. */
export interface ArenaClient {
  /**
   * Hands one request to the library.
   *
   * @param mark - the request's place in the client's order, which the simulator reads in {@link MARK_HEADER}
   * @returns when the library reports success
   * @throws the error that the library throws
   */
  send(request: ArenaRequest, mark: number): Promise<void>;
  close(): void;
}

/**
 * @param origin - the address of the simulator, without path: `http://127.0.0.1:40123`
 * @param redis - the address of Redis, in a fleet: `redis://127.0.0.1:40124`
 */
export type CreateClient = (origin: string, redis?: string) => ArenaClient;

/** The header in which the simulator reads a request's place in the client's order. */
export const MARK_HEADER = 'x-simulator-mark';

/** A token in the form of a bot's: some libraries read the bot's id from its first part. */
export const TOKEN = `${Buffer.from('1000000000000000000').toString('base64url')}.arena.arena`;

/** Whether the path itself authorizes: that of an interaction, or of a webhook with its token. */
export function needsNoToken(path: string): boolean {
  return path.startsWith('/interactions/') || /^\/webhooks\/\d+\/./.test(path);
}

/** Libraries that take path and query separately would treat a query in the path as part of the route. */
export function splitQuery(path: string): { readonly bare: string; readonly query: URLSearchParams | undefined } {
  const start = path.indexOf('?');
  if (start < 0) return { bare: path, query: undefined };
  return { bare: path.slice(0, start), query: new URLSearchParams(path.slice(start + 1)) };
}
