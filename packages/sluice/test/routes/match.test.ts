import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Routes } from 'discord-api-types/v10';
import { describe, expect, it } from 'vitest';
import { Route } from '../../src/routes/route.js';
import { RouteError } from '../../src/routes/route-error.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from './tokens.js';

describe('Route.match: identity and major parameters', () => {
  it.each([
    ['GET', '/', 'GET /', '-'],
    ['get', '/gateway/bot', 'GET /gateway/bot', '-'],
    ['POST', '/channels/123/messages', 'POST /channels/{channel}/messages', '123'],
    ['GET', '/channels/123/messages/pins/4', 'GET /channels/{channel}/messages/pins/{id}', '123'],
    ['GET', '/channels/1/threads/archived/public', 'GET /channels/{channel}/threads/archived/public', '1'],
    ['PUT', '/guilds/1/members/2/roles/3', 'PUT /guilds/{guild}/members/{id}/roles/{id}', '1'],
    ['PATCH', '/guilds/1/members/@me', 'PATCH /guilds/{guild}/members/@me', '1'],
    ['PATCH', '/guilds/1/voice-states/@me', 'PATCH /guilds/{guild}/voice-states/@me', '1'],
    ['PATCH', '/guilds/1/voice-states/2', 'PATCH /guilds/{guild}/voice-states/{id}', '1'],
    ['GET', '/guilds/1/members/search', 'GET /guilds/{guild}/members/search', '1'],
    ['GET', '/guilds/templates/hgM48av5Q69A', 'GET /guilds/templates/{id}', '-'],
    ['PUT', '/guilds/1/templates/hgM48av5Q69A', 'PUT /guilds/{guild}/templates/{id}', '1'],
    ['GET', '/invites/discord-townhall', 'GET /invites/{id}', '-'],
    ['GET', '/invites/123', 'GET /invites/{id}', '-'],
    ['GET', '/invites/templates/target-users', 'GET /invites/{id}/target-users', '-'],
    ['GET', '/invites/channels/5', 'GET /invites/{id}/{id}', '-'],
    ['GET', '/users/@me', 'GET /users/@me', '-'],
    ['GET', '/users/1', 'GET /users/{id}', '-'],
    ['GET', '/users/@me/guilds/5/member', 'GET /users/@me/guilds/{guild}/member', '5'],
    ['GET', '/applications/@me', 'GET /applications/@me', '-'],
    ['PUT', '/applications/1/guilds/2/commands', 'PUT /applications/{id}/guilds/{guild}/commands', '2'],
    ['GET', '/applications/1/activity-instances/i-1-gc-2', 'GET /applications/{id}/activity-instances/{id}', '-'],
    ['GET', '/stage-instances/7', 'GET /stage-instances/{channel}', '7'],
    ['GET', '/webhooks/7', 'GET /webhooks/{webhook}', '7'],
    ['GET', '/something/new/9', 'GET /something/new/{id}', '-'],
    ['GET', '/something/{new}', 'GET /something/{id}', '-'],
  ])('%s %s', (method, path, identity, majorParamHash) => {
    expect(Route.match(method, path)).toMatchObject({ identity, majorParamHash, compiledPath: encodeURI(path) });
  });

  it('combines the webhook and a digest of its token', () => {
    const { identity, majorParamHash } = Route.match('POST', `/webhooks/7/${WEBHOOK_TOKEN}/slack`);
    expect(identity).toBe('POST /webhooks/{webhook}/{token}/slack');
    expect(majorParamHash).toMatch(/^7:[\da-f]{32}$/);
    expect(Route.match('GET', `/webhooks/7/${WEBHOOK_TOKEN}`).majorParamHash).toBe(majorParamHash);
    expect(Route.match('GET', `/webhooks/7/${WEBHOOK_TOKEN}x`).majorParamHash).not.toBe(majorParamHash);
  });

  it('treats the original response to an interaction as one of its messages', () => {
    const original = Route.match('PATCH', `/webhooks/7/${INTERACTION_TOKEN}/messages/@original`);
    const message = Route.match('PATCH', `/webhooks/7/${INTERACTION_TOKEN}/messages/8`);
    expect(original.identity).toBe('PATCH /webhooks/{webhook}/{token}/messages/{id}');
    expect(message).toMatchObject({ identity: original.identity, majorParamHash: original.majorParamHash });
  });

  it('recognises a webhook with an unusual id, so that its token stays hidden', () => {
    const compiled = Route.match('POST', '/webhooks/abc/secret');
    expect(String(compiled)).toBe('POST /webhooks/abc/:token');
    expect(compiled.identity).toBe('POST /webhooks/{webhook}/{token}');
  });

  it('hides everything that looks like a token, wherever it is', () => {
    for (const path of [`/new/${WEBHOOK_TOKEN}`, `/webhooks/${WEBHOOK_TOKEN}`, `/channels/${INTERACTION_TOKEN}`]) {
      const compiled = Route.match('POST', path);
      expect(JSON.stringify([compiled, String(compiled)])).not.toMatch(/Zx9|aW50/);
    }
  });

  it('never has a token in the key of its major parameters, which events and snapshots show', () => {
    for (const token of [WEBHOOK_TOKEN, INTERACTION_TOKEN]) {
      for (const path of [`/webhooks/${token}`, `/channels/${token}/messages`, `/webhooks/1/${token}`]) {
        const { majorParamHash } = Route.match('POST', path);
        expect(majorParamHash).toMatch(/^(1:)?[\da-f]{32}$/);
      }
    }
  });
});

describe('reactions of a message', () => {
  const identities = (method: string) =>
    ['', '/%F0%9F%94%A5', '/%F0%9F%94%A5/@me', '/name%3A123/456', '/name:123/456'].map(
      (rest) => Route.match(method, `/channels/1/messages/2/reactions${rest}`).identity,
    );

  it('share one identity by method group', () => {
    const changing = new Set([...identities('PUT'), ...identities('DELETE')]);
    const reading = new Set(identities('GET'));
    expect([...changing]).toEqual(['PUT|DELETE /channels/{channel}/messages/{id}/reactions']);
    expect([...reading]).toEqual(['GET /channels/{channel}/messages/{id}/reactions']);
  });

  it('keep their own method and template', () => {
    const { route } = Route.match('DELETE', '/channels/1/messages/2/reactions/a%3A3/@me');
    expect(String(route)).toBe('DELETE /channels/{channel}/messages/{id}/reactions/{id}/@me');
  });
});

describe('deleting a message', () => {
  const now = Date.UTC(2026, 0, 1);
  const day = 24 * 60 * 60 * 1_000;
  const identityAt = (age: number, method = 'DELETE') => {
    const id = (BigInt(now - age - Date.UTC(2015, 0, 1)) << 22n).toString();
    const { identity } = Route.match(method, `/channels/1/messages/${id}`, { now });
    expect(new Route(method, '/channels/{c}/messages/{m}').compile({ c: 1, m: id }, { now }).identity).toBe(identity);
    return identity;
  };

  it('has an identity for each of three ages', () => {
    const usual = 'DELETE /channels/{channel}/messages/{id}';
    expect(identityAt(14 * day)).toBe(usual);
    expect(identityAt(14 * day + 1)).toBe(`${usual} (old)`);
    expect(identityAt(10_000)).toBe(usual);
    expect(identityAt(9_999)).toBe(`${usual} (new)`);
  });

  it('treats a message from the future as new, because clocks disagree', () => {
    expect(identityAt(-60_000)).toContain('(new)');
  });

  it('is the only method that depends on the age', () => {
    expect(identityAt(30 * day, 'PATCH')).toBe('PATCH /channels/{channel}/messages/{id}');
  });

  it('uses the current time by default', () => {
    const id = (BigInt(Date.now() - Date.UTC(2015, 0, 1)) << 22n).toString();
    expect(Route.match('DELETE', `/channels/1/messages/${id}`).identity).toContain('(new)');
    expect(Route.match('DELETE', '/channels/1/messages/5').identity).toContain('(old)');
  });
});

describe('spellings of one path', () => {
  it.each([
    'https://discord.com/api/v10/channels/123/messages',
    'HTTPS://discord.com:443/api/v9/channels/123/messages?limit=5#top',
    'http://127.0.0.1:8080/channels/123/messages',
    '/api/channels/123/messages',
    '/v10/channels/123/messages',
    'channels/123/messages',
    '//channels///123/messages//',
    '/channels/123/messages?x=/../a',
    '/channels/123/messages#/b?c',
    '/%63hannels/%31%32%33/m%65ssages',
    '/%61pi/%7610/channels/123/messages',
  ])('%s', (path) => {
    expect(Route.match('POST', path)).toMatchObject({
      identity: 'POST /channels/{channel}/messages',
      majorParamHash: '123',
      compiledPath: '/channels/123/messages',
    });
  });

  it('recognises an origin without a path', () => {
    expect(Route.match('GET', 'https://discord.com?x').compiledPath).toBe('/');
  });

  it('keeps an encoded slash inside its segment, in upper or lower case', () => {
    const compiled = Route.match('GET', '/channels/1%2f2/messages');
    expect(compiled.compiledPath).toBe('/channels/1%2F2/messages');
    expect(compiled.majorParamHash).toBe('-');
  });

  it('decodes only once', () => {
    expect(Route.match('GET', '/new/%252e%252e').compiledPath).toBe('/new/%252e%252e');
  });

  it.each(['/a/../b', '/./a', '/a/..', '/a/%2e%2e/b', '/a/.%2E', '/%2e', 'https://discord.com/../a'])(
    'refuses dots in %s',
    (path) => {
      expect(() => Route.match('GET', path)).toThrow(RouteError);
    },
  );

  it.each(['/a/%', '/a/%zz', '/a/%f0%9f', '/a/\ud83d'])('refuses malformed encoding in %s', (path) => {
    expect(() => Route.match('GET', path)).toThrow(RouteError);
  });

  it('accepts names that begin with dots or look like versions', () => {
    expect(Route.match('GET', '/new/...').compiledPath).toBe('/new/...');
    expect(Route.match('GET', '/voice/regions').identity).toBe('GET /voice/regions');
    expect(Route.match('GET', '/v/x').identity).toBe('GET /v/x');
  });
});

describe('routes that are remembered', () => {
  it('are one object for one method and template', () => {
    const { route } = Route.match('GET', '/remembered/1');
    expect(Route.match('GET', '/api/remembered/2').route).toBe(route);
  });

  it('are forgotten when invented paths exceed the bound', () => {
    const { route } = Route.match('GET', '/crowded');
    for (let index = 0; index < 1_000; index++) Route.match('GET', `/made-up/a${index}`);
    expect(Route.match('GET', '/crowded').route).not.toBe(route);
  });

  it('never include very long templates', () => {
    const path = `/${'endless/'.repeat(40)}`;
    expect(Route.match('GET', path).route).not.toBe(Route.match('GET', path).route);
  });
});

describe('every path that discord-api-types can build', () => {
  const SNOWFLAKE = /\d{17,20}/;

  /** A different id for each parameter, except for parameters that are not ids. */
  function argumentFor(name: string, index: number): string {
    if (/token/i.test(name)) return WEBHOOK_TOKEN;
    if (name === 'emoji') return encodeURIComponent('name:900000000000000001');
    if (name === 'code') return 'hgM48av5Q69A';
    if (name === 'platform') return 'github';
    if (name === 'archivedStatus') return 'public';
    if (name === 'instanceId') return 'i-1276580072400224306-gc-912952092627435520-912954213460484116';
    if (/^provider/.test(name)) return `provider-id-${index}`;
    return `${100_000_000_000_000_000n + BigInt(index)}`;
  }

  /** Parameter names are read from the source, because the functions themselves are wrapped. */
  const source = readFileSync(createRequire(import.meta.url).resolve('discord-api-types/rest/v10'), 'utf8');

  function argumentsFor(builder: string): string[] {
    const signature = new RegExp(`^ {4}${builder}\\((.*)\\) \\{$`, 'm').exec(source)?.[1];
    if (signature === undefined) throw new Error(`No source of ${builder} found.`);
    const names = signature === '' ? [] : signature.split(', ').map((parameter) => parameter.split(' = ')[0] ?? '');
    return names.map(argumentFor);
  }

  const builders = Object.entries(Routes) as [string, (...given: string[]) => string][];

  it('finds the builders', () => expect(builders.length).toBeGreaterThan(100));

  it.each(builders)('%s', (name, build) => {
    const path = build(...argumentsFor(name));
    expect(path).not.toContain('undefined');
    const compiled = Route.match('PATCH', path);
    expect(compiled.identity).not.toMatch(SNOWFLAKE);
    expect(compiled.identity).not.toMatch(/provider-id|hgM48av5Q69A/);
    expect(JSON.stringify([compiled, String(compiled)])).not.toContain(WEBHOOK_TOKEN);
    expect(compiled.majorParamHash).toMatch(expectedMajorKey(path));
    expect(decodeURIComponent(compiled.compiledPath)).toBe(decodeURIComponent(path));
  });

  function expectedMajorKey(path: string): RegExp {
    const [, resource, id, token] = /^\/(channels|guilds|webhooks|interactions)\/(\d+)(?:\/([^/]+))?/.exec(path) ?? [];
    if (resource === undefined) return /^(-|\d+)$/;
    const isCredentialed = resource === 'webhooks' || resource === 'interactions';
    const digest = isCredentialed && token !== undefined ? ':[\\da-f]{32}' : '';
    return new RegExp(`^${id}${digest}$`);
  }
});
