import { posts, reactionChanges, reads, roleChanges, times } from './request-series.js';
import type { ArenaRequest } from './scenario.js';
import { snowflake } from './snowflakes.js';

/** Base64 of `interaction:`, the start of every interaction token. */
const INTERACTION = 'aW50ZXJhY3Rpb246';

/** The requests of a bot in `guilds` guilds, with a channel and a half in each, at its start. */
export function startUpBurst(guilds: number): ArenaRequest[] {
  return [
    ...introduction(),
    ...times(guilds, guildAtStart),
    ...times(Math.ceil(guilds * 1.5), channelAtStart),
    ...times(Math.ceil(guilds / 3), news),
    ...times(guilds, commandAnswer),
  ];
}

function introduction(): ArenaRequest[] {
  const commands = `/applications/${snowflake('application')}/commands`;
  return [
    { method: 'GET', path: '/gateway/bot' },
    { method: 'GET', path: '/users/@me' },
    { method: 'GET', path: '/applications/@me' },
    { method: 'PUT', path: commands, json: [{ name: 'play', description: 'Plays a song' }] },
  ];
}

function guildAtStart(guild: number): ArenaRequest[] {
  const path = `/guilds/${snowflake('guild', guild)}`;
  return [
    { method: 'GET', path: `${path}?with_counts=true` },
    { method: 'GET', path: `${path}/channels` },
    { method: 'GET', path: `${path}/roles` },
    { method: 'GET', path: `${path}/members/${snowflake('user', guild)}` },
    ...roleChanges(guild, 2),
  ];
}

function channelAtStart(channel: number): ArenaRequest[] {
  return [...reads(channel, 1), ...posts(channel, 3), ...reactionChanges(channel, 2)];
}

function news(place: number): ArenaRequest[] {
  const path = `/webhooks/${snowflake('webhook', place)}/${'Zk'.repeat(34)}`;
  return times(4, (part) => [{ method: 'POST', path, json: { content: `News ${part + 1}` } }]);
}

function commandAnswer(place: number): ArenaRequest[] {
  const path = `/interactions/${snowflake('interaction', place)}/${INTERACTION}${'Qx'.repeat(60)}/callback`;
  return [{ method: 'POST', path, json: { type: 4, data: { content: 'Now playing' } } }];
}
