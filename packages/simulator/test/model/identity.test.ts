import { expect, test } from 'vitest';
import { identify, type RequestLine } from '../../src/model/identity.js';
import { type RouteRule, RouteTable } from '../../src/model/routes.js';

function limited(path: string, exempt = false): RouteRule {
  return { methods: ['GET'], path, bucket: path.length.toString(), limit: 1, period: 1, window: 'fixed', exempt };
}

const table = new RouteTable([
  limited('/channels/{channel}/messages/{message}'),
  limited('/guilds/{guild}/roles/{role}'),
  limited('/webhooks/{webhook}'),
  limited('/webhooks/{webhook}/{token}', true),
  limited('/users/{user}'),
  { methods: ['GET'], path: '/gateway', bucket: null },
]);

function identityOf(path: string, authorization?: string) {
  return identify({ method: 'GET', path, authorization }, table, 0);
}

function counterOf(path: string, authorization?: string): string | null | undefined {
  return identityOf(path, authorization).route?.counter;
}

test.each([
  ['/channels/1/messages/2', '/channels/1/messages/3'],
  ['/guilds/1/roles/2', '/guilds/1/roles/3'],
  ['/users/1', '/users/2'],
])('%s and %s share a counter: their major parameters are equal', (one, other) => {
  expect(counterOf(one)).toBe(counterOf(other));
});

test.each([
  ['/channels/1/messages/2', '/channels/2/messages/2'],
  ['/guilds/1/roles/2', '/guilds/2/roles/2'],
  ['/webhooks/1', '/webhooks/2'],
  ['/webhooks/1/a', '/webhooks/2/a'],
  ['/webhooks/1/a', '/webhooks/1/b'],
])('%s and %s have separate counters', (one, other) => {
  expect(counterOf(one)).not.toBe(counterOf(other));
});

test('each authentication has its own counters', () => {
  const path = '/users/1';
  const counters = [counterOf(path), counterOf(path, 'Bot a'), counterOf(path, 'Bot b'), counterOf(path, 'Bot a')];
  expect(new Set(counters).size).toBe(3);
});

test('an empty Authorization header counts as none', () => {
  expect(identityOf('/users/1', '').authentication).toBe(identityOf('/users/1').authentication);
});

test('no token is kept', () => {
  const identity = identityOf('/webhooks/1/webhook-secret', 'Bot bot-secret');
  expect(JSON.stringify(identity)).not.toContain('secret');
});

test('requests that no rule counts have no counter', () => {
  expect(counterOf('/gateway')).toBeNull();
  expect(identityOf('/unknown').route).toBeNull();
});

test('an exempt route is exempt from the global limit only without the Authorization of a bot', () => {
  const exempt = (request: Omit<RequestLine, 'method'>) => identify({ method: 'GET', ...request }, table, 0).exempt;
  expect(exempt({ path: '/webhooks/1/a' })).toBe(true);
  expect(exempt({ path: '/webhooks/1/a', authorization: 'Bot a' })).toBe(false);
  expect(exempt({ path: '/webhooks/1' })).toBe(false);
  expect(exempt({ path: '/unknown' })).toBe(false);
});
