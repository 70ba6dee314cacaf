import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifyPath, majorKeyOf, shownPath } from '../../src/routes/identity.js';
import { splitPath } from '../../src/routes/path.js';
import { type CompiledRoute, Route } from '../../src/routes/route.js';
import { RouteError } from '../../src/routes/route-error.js';

/** Templates of every shape that a path reveals by itself. */
const TEMPLATES = [
  '/channels/{channel}',
  '/channels/{channel_id}/messages',
  '/channels/{channelId}/messages/{message}',
  '/channels/{channel}/messages/{message}/reactions/{emoji}/@me',
  '/channels/{channel}/messages/{message}/reactions/{emoji}/{user}',
  '/channels/{channel}/threads/archived/{status}',
  '/guilds/{guild}/members/{user}/roles/{role}',
  '/guilds/{guild}/templates/{code}',
  '/guilds/templates/{code}',
  '/invites/{code}',
  '/users/{user}',
  '/users/@me/guilds/{guild}/member',
  '/applications/{application}/guilds/{guild}/commands/{command}/permissions',
  '/applications/{application}/activity-instances/{code}',
  '/applications/{application}/application-identities/{code}/{code}',
  '/stage-instances/{channel}',
  '/webhooks/{webhook}',
  '/webhooks/{webhook}/{token}',
  '/webhooks/{webhook}/{token}/{platform}',
  '/webhooks/{webhook}/{token}/messages/{message}',
  '/interactions/{interaction}/{token}/callback',
];

const now = Date.UTC(2026, 0, 1);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE');
const snowflake = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const word = fc.string({ minLength: 1 }).filter((text) => text !== '.' && text !== '..');
const base64 = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
const webhookToken = fc.string({ unit: base64, minLength: 68, maxLength: 68 });
const interactionToken = fc
  .string({ unit: base64, minLength: 100, maxLength: 200 })
  .map((rest) => `aW50ZXJhY3Rpb246${rest}`);
const token = fc.oneof(webhookToken, interactionToken);

function valueFor(name: string): fc.Arbitrary<string> {
  if (name === 'token') return token;
  if (name === 'code' || name === 'emoji') return word;
  if (name === 'status') return fc.constantFrom('public', 'private');
  if (name === 'platform') return fc.constantFrom('github', 'slack');
  if (name === 'user') return fc.oneof(snowflake, fc.constant('@me'));
  return snowflake;
}

function namesIn(template: string): string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

/** A route with parameters for it. */
const usage = fc.constantFrom(...TEMPLATES).chain((template) =>
  fc.record({
    route: method.map((verb) => new Route(verb, template)),
    parameters: fc.record(Object.fromEntries(namesIn(template).map((name) => [name, valueFor(name)]))),
  }),
);

/** Percent-encodes some characters that need not be, in either case. */
function respell(path: string, choices: readonly number[]): string {
  let index = 0;
  return path.replaceAll(/[\w-]/g, (character, offset: number) => {
    const choice = choices[index++ % choices.length] ?? 0;
    const isEncoded = path.charAt(offset - 1) === '%' || path.charAt(offset - 2) === '%';
    if (choice === 0 || isEncoded) return character;
    const code = `%${character.charCodeAt(0).toString(16)}`;
    return choice === 1 ? code : code.toUpperCase();
  });
}

function essence({ identity, majorParamHash, compiledPath, method: verb }: CompiledRoute) {
  return { identity, majorParamHash, compiledPath, method: verb };
}

describe('properties of routes', () => {
  it('a compiled path, matched, is the same request', () => {
    fc.assert(
      fc.property(usage, ({ route, parameters }) => {
        const compiled = route.compile(parameters, { now });
        const matched = Route.match(route.method, compiled.compiledPath, { now });
        expect(essence(matched)).toEqual(essence(compiled));
        expect(String(matched)).toBe(String(compiled));
        expect(matched.isInteraction).toBe(compiled.isInteraction);
        expect(matched.sendsAuthorization).toBe(compiled.sendsAuthorization);
      }),
      { numRuns: 1_000 },
    );
  });

  it('every spelling of a path is the same request', () => {
    const origin = fc.constantFrom('', 'https://discord.com', 'http://localhost:8080');
    const prefix = fc.constantFrom('', '/api', '/api/v10', '/v9', '//api//v10/');
    const suffix = fc.constantFrom('', '/', '//', '?', '?a=/b/../c', '#x', '/?wait=true#y');
    const choices = fc.array(fc.constantFrom(0, 0, 1, 2), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(usage, origin, prefix, suffix, choices, ({ route, parameters }, start, api, end, spelling) => {
        const compiled = route.compile(parameters, { now });
        const spelt = start + api + respell(compiled.compiledPath, spelling) + end;
        expect(essence(Route.match(route.method, spelt, { now }))).toEqual(essence(compiled));
      }),
      { numRuns: 1_000 },
    );
  });

  it('remembered paths make no difference to the result', () => {
    const names = [...new Set(TEMPLATES.join('').split('/'))].filter((name) => name !== '' && !name.startsWith('{'));
    const odd = fc.constantFrom(
      '',
      'api',
      'v10',
      '@original',
      '%40me',
      'a:b',
      'a%3Ab',
      '%f0%9f%94%a5',
      '%7Bid%7D',
      'é',
    );
    const piece = fc.oneof(fc.constantFrom(...names), fc.constantFrom('1', '2'.repeat(20), '3'.repeat(60)), odd, token);
    const path = fc.array(piece, { maxLength: 7 }).map((pieces) => `/${pieces.join('/')}`);
    fc.assert(
      fc.property(path, (given) => {
        const segments = splitPath(given);
        const shape = identifyPath(segments);
        const sent = `/${segments.encoded.join('/')}`;
        const matched = Route.match('GET', given);
        expect(matched.route.identity).toBe(new Route('GET', shape.template).identity);
        expect(matched.compiledPath).toBe(sent);
        expect(matched.majorParamHash).toBe(majorKeyOf(sent, shape));
        expect(String(matched)).toBe(`GET ${shownPath(sent, shape)}`);
        expect(matched.hasBucket).toBe(shape.credential !== 'callback');
      }),
      { numRuns: 5_000 },
    );
  });

  it('matching a matched path again changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.webPath(), fc.string(), fc.webUrl()), (path) => {
        const first = matchOrRefuse(path);
        if (first === undefined) return;
        const second = Route.match('GET', first.compiledPath);
        expect(essence(second)).toEqual(essence(first));
        expect(second.route.identity).toBe(second.identity);
        expect(new Route('GET', second.route.pathTemplate).identity).toBe(second.identity);
        expect(new URL(first.createURL('https://discord.com/')).pathname).toBe(first.compiledPath);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no token is ever shown', () => {
    const withToken = fc.constantFrom(...TEMPLATES.filter((template) => template.includes('{token}')));
    fc.assert(
      fc.property(method, withToken, token, (verb, template, secret) => {
        const parameters = Object.fromEntries(namesIn(template).map((name) => [name, '1']));
        const compiled = new Route(verb, template).compile({ ...parameters, token: secret });
        for (const route of [compiled, Route.match(verb, compiled.compiledPath)]) {
          const { identity, majorParamHash } = route;
          const shown = [identity, majorParamHash, String(route), inspect(route, { depth: 9 }), JSON.stringify(route)];
          for (const text of shown) expect(text).not.toContain(secret);
          expect(route.compiledPath).toContain(secret);
        }
      }),
    );
  });

  it('no parameter changes the route', () => {
    const hostile = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom(
        'a/b',
        '../users/1',
        '..%2f..',
        '%2e%2e',
        '?x',
        '#y',
        'a/messages/5',
        '\\..\\',
        '{guild}',
        '@me/x',
      ),
    );
    const route = new Route('POST', '/guilds/{guild}/channels/{thing}/end');
    fc.assert(
      fc.property(hostile, hostile, (guild, thing) => {
        let compiled: CompiledRoute;
        try {
          compiled = route.compile({ guild, thing });
        } catch (error) {
          expect(error).toBeInstanceOf(RouteError);
          return;
        }
        expect(compiled.compiledPath).toMatch(/^\/guilds\/[^/?#]+\/channels\/[^/?#]+\/end$/);
        const { pathname, search, hash } = new URL(compiled.createURL('https://discord.com'));
        expect([pathname, search, hash]).toEqual([compiled.compiledPath, '', '']);
        if (guild !== '@me' && thing !== '@me') expect(compiled.identity).toBe(route.identity);
      }),
      { numRuns: 1_000 },
    );
  });
});

function matchOrRefuse(path: string): CompiledRoute | undefined {
  try {
    return Route.match('GET', path);
  } catch (error) {
    expect(error).toBeInstanceOf(RouteError);
    return undefined;
  }
}
