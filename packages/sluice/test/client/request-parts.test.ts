import { Routes } from 'discord-api-types/v10';
import { describe, expect, it } from 'vitest';
import { encodeReason } from '../../src/client/audit-log-reason.js';
import { joinQuery } from '../../src/client/query.js';
import { resolveTarget } from '../../src/client/request-target.js';
import { Route } from '../../src/routes/route.js';
import { RouteError } from '../../src/routes/route-error.js';

describe('joinQuery', () => {
  it('writes values, repeats arrays, and omits undefined and null', () => {
    const query = { limit: 5, all: true, id: ['1', undefined, 2n], after: undefined, before: null, 'a b': 'ü&' };
    expect(joinQuery('', query)).toBe('?limit=5&all=true&id=1&id=2&a+b=%C3%BC%26');
  });

  it('adds to the query of the path', () => {
    expect(joinQuery('wait=true', { thread_id: '1' })).toBe('?wait=true&thread_id=1');
    expect(joinQuery('wait=true')).toBe('?wait=true');
    expect(joinQuery('', new URLSearchParams('a=1&a=2'))).toBe('?a=1&a=2');
    expect(joinQuery('', { a: undefined })).toBe('');
  });
});

describe('encodeReason', () => {
  it('percent-encodes', () => {
    expect(encodeReason('größer\n& more')).toBe('gr%C3%B6%C3%9Fer%0A%26%20more');
  });

  it('accepts 512 characters, whatever their encoding', () => {
    expect(encodeReason('😀'.repeat(512))).toHaveLength(512 * 12);
    expect(() => encodeReason('x'.repeat(513))).toThrow(
      new RangeError('reason has 513 characters; Discord accepts at most 512'),
    );
  });

  it('rejects a lone surrogate', () => {
    expect(() => encodeReason('\ud800')).toThrow(TypeError);
  });
});

describe('resolveTarget', () => {
  it('reads a path with its query', () => {
    const { route, query } = resolveTarget('/channels/123/messages?limit=5', 'get');
    expect([String(route), query]).toEqual(['GET /channels/123/messages', 'limit=5']);
  });

  it('accepts the paths of discord-api-types', () => {
    const { route } = resolveTarget(Routes.channelMessageUserReaction('1', '2', '%F0%9F%98%80', '3'), 'DELETE');
    expect(route.compiledPath).toBe('/channels/1/messages/2/reactions/%F0%9F%98%80/3');
    expect(resolveTarget(Routes.webhook('1', 'a'.repeat(68)), 'POST').route.sendsAuthorization).toBe(false);
  });

  it('accepts a compiled route and its method', () => {
    const route = new Route('POST', '/channels/{channel}/messages').compile({ channel: '1' });
    expect(resolveTarget(route, undefined).route).toBe(route);
    expect(resolveTarget(route, 'post').route).toBe(route);
    expect(() => resolveTarget(route, 'GET')).toThrow(RouteError);
  });

  it.each([
    'https://evil.example/channels/1',
    '//evil.example/channels/1',
    '/\\evil.example/channels/1',
    'channels/1',
    '',
    '/channels/../../../oauth2/token',
    '/channels/%2e%2e/users/@me',
    '/channels/1#fragment',
    '/channels/%zz',
  ])('refuses %s', (path) => {
    expect(() => resolveTarget(path, 'GET')).toThrow(RouteError);
  });

  it('keeps every other path below the base URL', () => {
    for (const path of [
      '/a\\..\\b',
      '/@evil.example/',
      '/a//../b'.replace('..', '...'),
      '/%2F%2Fevil.example',
      '/:80/x',
    ]) {
      const url = new URL(resolveTarget(path, 'GET').route.createURL('https://discord.com/api/v10'));
      expect(url.href.startsWith('https://discord.com/api/v10/')).toBe(true);
    }
  });
});
