import { describe, expect, it } from 'vitest';
import { Route } from '../../src/routes/route.js';
import { standInRoute } from '../../src/routes/stand-in.js';
import { isWebhook } from '../../src/routes/webhook.js';
import { INTERACTION_TOKEN, WEBHOOK_TOKEN } from './tokens.js';

describe('a route made from its identity and major parameters', () => {
  it.each([
    ['POST', '/channels/123/messages'],
    ['DELETE', '/channels/123/messages/456'],
    ['GET', '/guilds/5/roles'],
    ['GET', '/gateway/bot'],
    ['POST', `/webhooks/7/${WEBHOOK_TOKEN}`],
  ])('has the same bucket and credential as %s %s', (method, path) => {
    const original = Route.match(method, path, { now: Date.UTC(2026, 0, 1) });
    const made = standInRoute(original.identity, original.majorParamHash);
    expect([made.identity, made.method]).toEqual([original.identity, original.method]);
    expect(made.createRealBucketHash('hash', 'auth')).toBe(original.createRealBucketHash('hash', 'auth'));
    expect([made.sendsAuthorization, made.usesWebhookToken, made.hasBucket]).toEqual([
      original.sendsAuthorization,
      original.usesWebhookToken,
      original.hasBucket,
    ]);
  });

  it('shows the major parameter, with placeholders for the others', () => {
    expect(String(standInRoute('POST /channels/{channel}/messages', '123'))).toBe('POST /channels/123/messages');
    expect(String(standInRoute('DELETE /channels/{channel}/messages/{id} (old)', '123'))).toBe(
      'DELETE /channels/123/messages/{id}',
    );
    expect(String(standInRoute('POST /webhooks/{webhook}/{token}', '7:0f1e'))).toBe('POST /webhooks/7/{token}');
  });

  it('has one method for a group of methods', () => {
    const identity = 'PUT|DELETE /channels/{channel}/messages/{id}/reactions';
    const { method, route } = standInRoute(identity, '123');
    expect([method, route.pathTemplate]).toEqual(['PUT', '/channels/{channel}/messages/{id}/reactions']);
  });
});

describe('isWebhook', () => {
  it.each([
    ['a webhook with its token', `/webhooks/1/${WEBHOOK_TOKEN}`, true],
    ['a webhook without a token', '/webhooks/1', false],
    ['a follow-up, whose 404 may pass', `/webhooks/1/${INTERACTION_TOKEN}`, false],
    ['an interaction callback', `/interactions/1/${INTERACTION_TOKEN}/callback`, false],
    ['a bot route', '/channels/1', false],
  ])('%s: %s', (_, path, expected) => {
    expect(isWebhook(Route.match('POST', path))).toBe(expected);
  });
});
