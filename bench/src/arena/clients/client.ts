import type { ArenaRequest } from '../scenario.js';

/** A library under test, with its own limiter on and all its defaults. */
export interface ArenaClient {
  /**
   * Hands one request to the library.
   *
   * @param mark - the request's place in the order asked for, which the simulator reads in {@link MARK_HEADER}
   * @returns when the library says that the request succeeded
   * @throws what the library throws when it says that it did not
   */
  send(request: ArenaRequest, mark: number): Promise<void>;
  close(): void;
}

/**
 * @param origin - where the simulator listens, without path: `http://127.0.0.1:40123`
 * @param redis - where the Redis is, in a fleet: `redis://127.0.0.1:40124`
 */
export type CreateClient = (origin: string, redis?: string) => ArenaClient;

/** The header in which the simulator reads a request's place in its client's own order. */
export const MARK_HEADER = 'x-simulator-mark';

/** A bot's token as to its form: some libraries read the bot's id from its first part. */
export const TOKEN = `${Buffer.from('1000000000000000000').toString('base64url')}.arena.arena`;

/** Whether the path itself holds what authorizes: that of an interaction, or of a webhook with its token. */
export function needsNoToken(path: string): boolean {
  return path.startsWith('/interactions/') || /^\/webhooks\/\d+\/./.test(path);
}

/** Libraries that take paths and queries apart would take one in the path for a part of the route. */
export function splitQuery(path: string): { readonly bare: string; readonly query: URLSearchParams | undefined } {
  const start = path.indexOf('?');
  if (start < 0) return { bare: path, query: undefined };
  return { bare: path.slice(0, start), query: new URLSearchParams(path.slice(start + 1)) };
}
