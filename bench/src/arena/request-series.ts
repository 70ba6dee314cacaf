import type { ArenaRequest } from './scenario.js';
import { snowflake } from './snowflakes.js';

/** One item for each of `count` places, in order; the first place is 0. */
export function times<Item>(count: number, make: (place: number) => readonly Item[]): Item[] {
  return Array.from({ length: count }, (_, place) => make(place)).flat();
}

/** The first of each list, then the second of each, and so on: the order of lists that come at the same time. */
export function interleaved<Item>(...lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return times(longest, (place) => lists.flatMap((list) => list.slice(place, place + 1)));
}

/** The n-th channel's messages. */
export function messagesPath(channel: number): string {
  return `/channels/${snowflake('channel', channel)}/messages`;
}

/** New messages in a channel. */
export function posts(channel: number, count: number): ArenaRequest[] {
  return times(count, (place) => [
    { method: 'POST', path: messagesPath(channel), json: { content: `Message ${place + 1} of ${count}` } },
  ]);
}

/** Pages of a channel's history, all different. */
export function reads(channel: number, count: number): ArenaRequest[] {
  return times(count, (place) => [
    { method: 'GET', path: `${messagesPath(channel)}?limit=100&before=${snowflake('message', place)}` },
  ]);
}

/** Edits of one message in a channel. */
export function edits(channel: number, count: number): ArenaRequest[] {
  const path = `${messagesPath(channel)}/${snowflake('message')}`;
  return times(count, (place) => [{ method: 'PATCH', path, json: { content: `Edit ${place + 1} of ${count}` } }]);
}

/** A role given to a member and taken from the one before, again and again. */
export function roleChanges(guild: number, count: number): ArenaRequest[] {
  const members = `/guilds/${snowflake('guild', guild)}/members`;
  return times(count, (place) => [
    {
      method: place % 2 === 0 ? 'PUT' : 'DELETE',
      path: `${members}/${snowflake('user', place >> 1)}/roles/${snowflake('role', guild)}`,
    },
  ]);
}

/** The bot's own reactions to one message, each removed at once. */
export function reactionChanges(channel: number, count: number): ArenaRequest[] {
  const message = `${messagesPath(channel)}/${snowflake('message')}`;
  return times(count, (place) => [
    {
      method: place % 2 === 0 ? 'PUT' : 'DELETE',
      path: `${message}/reactions/${encodeURIComponent(place % 4 < 2 ? '👍' : '🎉')}/@me`,
    },
  ]);
}
