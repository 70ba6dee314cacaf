import { describe, expect, test } from 'vitest';
import { isPathTemplate, PathTemplate, pathSegments } from '../../src/model/path-template.js';

function match(template: string, path: string): Record<string, string> | undefined {
  const values = new PathTemplate(template).match(pathSegments(path));
  return values && Object.fromEntries(values);
}

describe('a path', () => {
  test.each([
    '/channels/1/messages',
    '/channels/1/messages/',
    '/api/channels/1/messages',
    '/v10/channels/1/messages',
    '/api/v10/channels/1/messages',
    '/api/v9/channels/1/messages/?limit=100',
    '/channels/1/messages?after=/api/v10/x#top',
  ])('%s is read without its prefix and query', (path) => {
    expect(pathSegments(path)).toEqual(['channels', '1', 'messages']);
  });

  test('keeps names that only begin like a prefix', () => {
    expect(pathSegments('/applications/1')).toEqual(['applications', '1']);
    expect(pathSegments('/voice/regions')).toEqual(['voice', 'regions']);
    expect(pathSegments('/v2x/y')).toEqual(['v2x', 'y']);
  });
});

describe('a template', () => {
  test('matches one segment with each parameter', () => {
    expect(match('/channels/{channel}/messages/{message}', '/channels/1/messages/2')).toEqual({
      channel: '1',
      message: '2',
    });
  });

  test.each(['/channels/1', '/channels/1/messages/2/3', '/channels//messages/2', '/guilds/1/messages/2'])(
    'does not fit %s',
    (path) => {
      expect(match('/channels/{channel}/messages/{message}', path)).toBeUndefined();
    },
  );

  test('matches one or more segments with a starred parameter', () => {
    expect(match('/reactions/{rest*}', '/reactions/%F0%9F%94%A5')).toEqual({ rest: '%F0%9F%94%A5' });
    expect(match('/reactions/{rest*}', '/reactions/a:1/@me')).toEqual({ rest: 'a:1/@me' });
    expect(match('/reactions/{rest*}', '/reactions')).toBeUndefined();
  });

  test('matches the text after fixed text in a segment', () => {
    expect(match('/webhooks/{webhook}/aW50{token}', '/webhooks/1/aW50xyz')).toEqual({ webhook: '1', token: 'xyz' });
    expect(match('/webhooks/{webhook}/aW50{token}', '/webhooks/1/aW50')).toBeUndefined();
    expect(match('/webhooks/{webhook}/aW50{token}', '/webhooks/1/other')).toBeUndefined();
  });

  test.each(['channels', '', '/a b', '/{a', '/{A}', '/{a}b', '/{rest*}/x', '/a//b', '/{}'])('cannot be %j', (text) => {
    expect(isPathTemplate(text)).toBe(false);
    expect(() => new PathTemplate(text)).toThrow(TypeError);
  });
});
