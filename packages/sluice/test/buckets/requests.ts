import { type CompiledRoute, Route } from '../../src/index.js';

export const MESSAGES = new Route('POST', '/channels/{channel}/messages');
export const HISTORY = new Route('GET', '/channels/{channel}/messages');
export const CHANNEL = new Route('PATCH', '/channels/{channel}');

/** A write. */
export function messages(channel: string | number = 1): CompiledRoute {
  return MESSAGES.compile({ channel: String(channel) });
}

/** A read. */
export function history(channel: string | number = 1): CompiledRoute {
  return HISTORY.compile({ channel: String(channel) });
}

/** A request some of whose fields may have limits of their own. */
export function edit(channel: string | number = 1): CompiledRoute {
  return CHANNEL.compile({ channel: String(channel) });
}

/** The answer to an interaction, which the global limit does not count. */
export const CALLBACK = Route.match('POST', '/interactions/1/aW50ZXJhY3Rpb246abc/callback');
