import { describe, expect, test } from 'vitest';
import { parseModelConfig } from '../src/config.js';
import { DEFAULT_ROUTES } from '../src/default-routes.js';
import { DiscordModel } from '../src/model/discord-model.js';
import { snowflakeAt } from '../src/model/snowflake.js';

const EPOCH = 1_750_000_000_000;
const DAY = 86_400_000;
const INTERACTION_TOKEN = `aW50ZXJhY3Rpb246${'x'.repeat(150)}`;

function firstAnswer(method: string, path: string) {
  const model = new DiscordModel(parseModelConfig(), { epoch: EPOCH });
  return model.receive({ method, path }, 0);
}

function limitOf(method: string, path: string): string {
  const { headers } = firstAnswer(method, path);
  return `${headers['x-ratelimit-limit']}/${headers['x-ratelimit-reset-after']}`;
}

function bucketOf(method: string, path: string): string | undefined {
  return firstAnswer(method, path).headers['x-ratelimit-bucket'];
}

test('are valid, and use both kinds of window', () => {
  expect(parseModelConfig({ routes: DEFAULT_ROUTES }).routes).toEqual(DEFAULT_ROUTES);
  expect(new Set(DEFAULT_ROUTES.map((rule) => rule.bucket !== null && rule.window))).toEqual(
    new Set(['fixed', 'sliding', false]),
  );
});

test('name buckets by opaque hashes', () => {
  for (const { bucket } of DEFAULT_ROUTES) {
    if (bucket !== null) expect(bucket).toMatch(/^[0-9a-f]{32}$/);
  }
});

test('distinguish deleted messages by their age', () => {
  const buckets = [0, DAY, 15 * DAY].map((age) =>
    bucketOf('DELETE', `/channels/1/messages/${snowflakeAt(EPOCH - age, 0)}`),
  );
  expect(buckets).toEqual([
    '9a4e05a217afd885787cb9f6f7d71853',
    'c51d12acd501bc2e6c76ab191408bd45',
    'b5e35274c6fd5cfec77fe9bfaf059ad6',
  ]);
});

test('count adding and removing reactions together', () => {
  const bucket = bucketOf('PUT', '/channels/1/messages/2/reactions/%F0%9F%94%A5/@me');
  expect(bucketOf('DELETE', '/channels/1/messages/2/reactions/a:3/4')).toBe(bucket);
  expect(bucketOf('DELETE', '/channels/1/messages/2/reactions')).toBe(bucket);
  expect(bucketOf('GET', '/channels/1/messages/2/reactions/a:3')).not.toBe(bucket);
});

test.each([
  ['POST', '/channels/1/messages', '5/1.000'],
  ['PUT', '/channels/1/messages/2/reactions/a/@me', '1/0.250'],
  ['PUT', '/guilds/1/members/2/roles/3', '10/10.000'],
  ['POST', '/guilds/1/roles', '250/172800.000'],
  ['POST', '/webhooks/1/token', '5/2.000'],
  ['GET', '/gateway/bot', '2/5.000'],
  ['GET', '/users/@me', '30/1.000'],
])('%s %s shows %s', (method, path, shown) => {
  expect(limitOf(method, path)).toBe(shown);
});

test.each([
  ['GET', '/gateway'],
  ['GET', '/voice/regions'],
])('%s %s has no headers about limits', (method, path) => {
  const answer = firstAnswer(method, path);
  expect(answer.verdict).toBe('admitted');
  expect(answer.headers).toEqual({ 'content-type': 'application/json' });
});

test('renaming a channel and changing its topic have sub-limits, other edits have none', () => {
  const model = new DiscordModel(parseModelConfig(), { epoch: EPOCH });
  const edit = (body: unknown) => model.receive({ method: 'PATCH', path: '/channels/1', body }, 0).verdict;
  expect([1, 2, 3].map(() => edit({ name: 'n' }))).toEqual(['admitted', 'admitted', 'sub-limit']);
  expect([1, 2, 3].map(() => edit({ topic: 't' }))).toEqual(['admitted', 'admitted', 'sub-limit']);
  expect([1, 2, 3].map(() => edit({ nsfw: true }))).toEqual(['admitted', 'admitted', 'admitted']);
});

test('a webhook is executed 30 times in a minute, whatever its headers say', () => {
  const model = new DiscordModel(parseModelConfig({ globalLimit: null }), { epoch: EPOCH });
  const verdicts = Array.from({ length: 31 }, (_, count) =>
    model.receive({ method: 'POST', path: '/webhooks/1/token' }, count * 1000),
  ).map(({ verdict }) => verdict);
  expect(new Set(verdicts.slice(0, 30))).toEqual(new Set(['admitted']));
  expect(verdicts[30]).toBe('hidden');
});

describe('interactions', () => {
  test('are neither counted nor limited by the global limit', () => {
    const model = new DiscordModel(parseModelConfig({ globalLimit: 1 }), { epoch: EPOCH });
    const request = { method: 'POST', path: `/interactions/1/${INTERACTION_TOKEN}/callback` };
    const statuses = Array.from({ length: 20 }, () => model.receive(request, 0).status);
    expect(new Set(statuses)).toEqual(new Set([204]));
  });

  test('follow-ups have a bucket and, unlike plain webhooks, are exempt from the global limit', () => {
    const model = new DiscordModel(parseModelConfig({ globalLimit: 1 }), { epoch: EPOCH });
    const verdicts = (token: string) =>
      [1, 2].map(() => model.receive({ method: 'POST', path: `/webhooks/1/${token}` }, 0).verdict);
    expect(verdicts(INTERACTION_TOKEN)).toEqual(['admitted', 'admitted']);
    expect(verdicts('plain')).toEqual(['admitted', 'global']);
  });
});
