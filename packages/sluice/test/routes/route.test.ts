import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { HASH_SEPARATOR, Route, UNKNOWN_HASH } from '../../src/routes/route.js';
import { RouteError } from '../../src/routes/route-error.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from './tokens.js';

function failure(run: () => unknown): RouteError {
  try {
    run();
  } catch (error) {
    if (error instanceof RouteError) return error;
    throw error;
  }
  throw new Error('Expected a RouteError.');
}

describe('Route', () => {
  it('keeps method and template, without API prefix and surplus slashes', () => {
    const route = new Route('post', '/api/v10//channels/{channel}/messages/');
    expect(route).toMatchObject({ method: 'POST', pathTemplate: '/channels/{channel}/messages' });
    expect(String(route)).toBe('POST /channels/{channel}/messages');
  });

  it.each(['', 'GET /', 'GE T', 'G3T', 'ПОСТ'])('refuses the method %j', (method) => {
    expect(() => new Route(method, '/gateway')).toThrow(RouteError);
    expect(() => Route.match(method, '/gateway')).toThrow(RouteError);
  });

  it.each(['/a{b}', '/{a}{b}', '/{}', '/{a b}', '/{a', '/a}', '/a/../b'])('refuses the template %s', (template) => {
    expect(() => new Route('GET', template)).toThrow(RouteError);
  });

  it('has an identity that does not depend on the names of its parameters', () => {
    const identity = 'PATCH /channels/{channel}/messages/{id}';
    for (const template of [
      '/channels/{channel}/messages/{message}',
      '/channels/{channel_id}/messages/{message_id}',
      '/channels/{channelId}/messages/{messageId}',
      '/channels/{channel.id}/messages/{message.id}',
      '/channels/{x}/messages/{y}',
      '/channels/123/messages/456',
    ]) {
      expect(new Route('PATCH', template).identity).toBe(identity);
    }
  });

  it('does not show a token that is written out in its template', () => {
    const route = new Route('POST', `/webhooks/{webhook}/${WEBHOOK_TOKEN}`);
    expect(`${route} ${inspect(route)} ${JSON.stringify(route)}`).not.toContain(WEBHOOK_TOKEN);
    expect(route.pathTemplate).toBe('/webhooks/{webhook}/:token');
    expect(route.compile({ webhook: '1' }).compiledPath).toBe(`/webhooks/1/${WEBHOOK_TOKEN}`);
  });
});

describe('Route.compile', () => {
  const route = new Route('PUT', '/channels/{channel}/messages/{message}/reactions/{emoji}/@me');

  it('fills in strings, numbers and bigints, percent-encoded', () => {
    const compiled = route.compile({ channel: 123, message: 456n, emoji: '🔥' });
    expect(compiled.compiledPath).toBe('/channels/123/messages/456/reactions/%F0%9F%94%A5/@me');
    expect(String(compiled)).toBe('PUT /channels/123/messages/456/reactions/%F0%9F%94%A5/@me');
    expect(compiled.route).toBe(route);
    expect(compiled.method).toBe('PUT');
  });

  it('keeps characters that would change the path inside their segment', () => {
    const compiled = new Route('GET', '/channels/{channel}/{thing}').compile({ channel: 'a/b', thing: '?#%2e%2e/..' });
    expect(compiled.compiledPath).toBe('/channels/a%2Fb/%3F%23%252e%252e%2F..');
  });

  it.each([
    ['missing', { channel: 1, message: 2 }, 'emoji'],
    ['undefined', { channel: 1, message: 2, emoji: undefined }, 'emoji'],
    ['null', { channel: 1, message: null, emoji: 'a' }, 'message'],
    ['empty', { channel: '', message: 2, emoji: 'a' }, 'channel'],
    ['a dot', { channel: '.', message: 2, emoji: 'a' }, 'channel'],
    ['two dots', { channel: '..', message: 2, emoji: 'a' }, 'channel'],
    ['NaN', { channel: Number.NaN, message: 2, emoji: 'a' }, 'channel'],
    ['a fraction', { channel: 1.5, message: 2, emoji: 'a' }, 'channel'],
    ['a number that has lost digits', { channel: 2 ** 53, message: 2, emoji: 'a' }, 'channel'],
    ['half a character', { channel: 1, message: 2, emoji: '\ud83d' }, 'emoji'],
    ['not part of the template', { channel: 1, message: 2, emoji: 'a', guild: 3 }, 'guild'],
  ])('refuses a parameter that is %s', (_, parameters, parameter) => {
    const error = failure(() => route.compile(parameters as never));
    expect(error).toMatchObject({ name: 'RouteError', route: String(route), parameter });
    expect(error.message).toContain(`"${parameter}"`);
    expect(error.message).toContain(String(route));
  });

  it('does not use inherited properties as parameters', () => {
    expect(() => new Route('GET', '/users/{constructor}').compile({})).toThrow(RouteError);
  });

  it('never shows values in its errors', () => {
    const webhook = new Route('POST', '/webhooks/{webhook}/{token}');
    const error = failure(() => webhook.compile({ token: WEBHOOK_TOKEN }));
    expect(inspect(error)).not.toContain(WEBHOOK_TOKEN);
  });

  it('finds major parameters by name where the path shows none', () => {
    const majorKeyOf = (template: string, parameters: Record<string, string>) =>
      new Route('GET', template).compile(parameters).majorParamHash;
    expect(majorKeyOf('/new/{guild_id}/{channelId}', { guild_id: '1', channelId: '2' })).toBe('2');
    expect(majorKeyOf('/new/{x}/{guild.id}', { x: '1', 'guild.id': '2' })).toBe('2');
    expect(majorKeyOf('/new/{webhook}', { webhook: '1' })).toBe('1');
    expect(majorKeyOf('/new/{webhook}/{webhook_token}', { webhook: '1', webhook_token: 's' })).toMatch(
      /^1:[\da-f]{32}$/,
    );
    expect(majorKeyOf('/channels/{x}/{guild}', { x: '1', guild: '2' })).toBe('1');
    expect(majorKeyOf('/new/{x}', { x: '1' })).toBe('-');
  });

  it('hides a parameter that its template calls a token, wherever it is', () => {
    const compiled = new Route('GET', '/new/{access_token}').compile({ access_token: 'short-secret' });
    expect(`${compiled} ${inspect(compiled)} ${JSON.stringify(compiled)}`).not.toContain('short-secret');
    expect(compiled.compiledPath).toBe('/new/short-secret');
  });

  it('keeps @me literal, because it is not an id', () => {
    const user = new Route('GET', '/users/{user}');
    expect(user.compile({ user: '@me' })).toMatchObject({ identity: 'GET /users/@me', compiledPath: '/users/@me' });
    expect(user.compile({ user: '1' }).identity).toBe('GET /users/{id}');
  });
});

describe('CompiledRoute', () => {
  it.each(['https://discord.com/api/v10', 'https://discord.com/api/v10/', 'https://discord.com/api/v10//'])(
    'joins %s and the path with one slash',
    (base) => {
      expect(Route.match('GET', '/gateway').createURL(base)).toBe('https://discord.com/api/v10/gateway');
    },
  );

  it('creates the key of its bucket', () => {
    const compiled = Route.match('GET', '/guilds/5/roles');
    expect(compiled.createRealBucketHash(UNKNOWN_HASH, 'auth')).toBe('UNKNOWN;auth;5');
    expect(compiled.majorParamHash).not.toContain(HASH_SEPARATOR);
    expect(new Route('GET', '/guilds/{guild}').compile({ guild: '5;6' }).majorParamHash).toBe('5%3B6');
  });

  it.each([
    ['a bot route', '/channels/1/messages', [false, true, false, true]],
    ['a webhook without a token', '/webhooks/1', [false, true, false, true]],
    ['a webhook with its token', `/webhooks/1/${WEBHOOK_TOKEN}`, [false, true, true, false]],
    ['a short webhook token', '/webhooks/1/tok/github', [false, true, true, false]],
    ['an interaction follow-up', `/webhooks/1/${INTERACTION_TOKEN}/messages/@original`, [true, true, true, false]],
    ['an interaction callback', `/interactions/1/${INTERACTION_TOKEN}/callback`, [true, false, false, false]],
  ])('knows the credential of %s', (_, path, [isInteraction, hasBucket, usesWebhookToken, sendsAuthorization]) => {
    const compiled = Route.match('POST', path as string);
    expect(compiled.isInteraction).toBe(isInteraction);
    expect(compiled.hasBucket).toBe(hasBucket);
    expect(compiled.usesWebhookToken).toBe(usesWebhookToken);
    expect(compiled.sendsAuthorization).toBe(sendsAuthorization);
  });
});
