import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiscordModel, type ModelConfig, type ModelRequest } from '../../src/model/discord-model.js';
import type { LimitedRule, RouteRule } from '../../src/model/routes.js';

const SEND: LimitedRule = {
  methods: ['POST'],
  path: '/channels/{channel}/messages',
  bucket: 'b',
  limit: 2,
  period: 1000,
  window: 'fixed',
};

function createModel(config: Partial<ModelConfig>, start = 0): DiscordModel {
  return new DiscordModel({ routes: [SEND], globalLimit: null, ...config }, { epoch: 0, start });
}

function send(model: DiscordModel, now: number, request: Partial<ModelRequest> = {}) {
  return model.receive({ method: 'POST', path: '/channels/1/messages', ...request }, now);
}

describe('counters', () => {
  const edit: LimitedRule = { ...SEND, methods: ['PATCH'], counter: 'edit', limit: 4 };

  test('are separate for rules of one bucket with different counter names', () => {
    const model = createModel({ routes: [SEND, edit] });
    const answers = ['POST', 'POST', 'PATCH'].map((method) => send(model, 0, { method }).headers);
    expect(answers.map((headers) => headers['x-ratelimit-bucket'])).toEqual(['b', 'b', 'b']);
    expect(answers.map((headers) => headers['x-ratelimit-remaining'])).toEqual(['1', '0', '3']);
  });

  test('are shared by rules of different buckets with the same counter name', () => {
    const other: LimitedRule = { ...SEND, methods: ['PATCH'], bucket: 'c', counter: 'b' };
    const model = createModel({ routes: [SEND, other] });
    send(model, 0);
    expect(send(model, 0, { method: 'PATCH' }).headers).toMatchObject({
      'x-ratelimit-bucket': 'c',
      'x-ratelimit-remaining': '0',
    });
  });
});

describe('someone else with the same token', () => {
  test('uses the same counter, at instants from the start', () => {
    const model = createModel({ routes: [{ ...SEND, outside: [{ at: 200, count: 1 }] }] }, 5000);
    expect(send(model, 5000).headers['x-ratelimit-remaining']).toBe('1');
    expect(send(model, 5300)).toMatchObject({ verdict: 'user', headers: { 'x-ratelimit-reset-after': '0.700' } });
    expect(model.statistics()).toMatchObject({ arrivals: 2, refused: { user: 1 } });
  });

  test('looks to the client like other requests to the counter', () => {
    const instants = fc.uniqueArray(fc.integer({ min: 0, max: 5000 }), { maxLength: 40 });
    const kinds = fc.constantFrom('fixed', 'sliding');
    fc.assert(
      fc.property(
        kinds,
        instants,
        fc.integer({ min: 0, max: 900 }),
        fc.integer({ min: 1, max: 900 }),
        (window, own, at, every) => {
          const rule: LimitedRule = { ...SEND, window, limit: 3 };
          const model = createModel({ routes: [{ ...rule, outside: [{ at, every }] }] });
          const seen = [...own].sort((a, b) => a - b).map((now) => send(model, now).headers);
          const reference = createModel({ routes: [rule] });
          const others = Array.from({ length: Math.ceil(5000 / every) }, (_, index) => at + index * every);
          const expected = [
            ...others.map((now) => ({ now, isOwn: false })),
            ...own.map((now) => ({ now, isOwn: true })),
          ]
            .sort((a, b) => a.now - b.now || Number(a.isOwn) - Number(b.isOwn))
            .map(({ now, isOwn }) => ({ isOwn, headers: send(reference, now).headers }))
            .filter(({ isOwn }) => isOwn);
          expect(seen).toEqual(expected.map(({ headers }) => headers));
        },
      ),
    );
  });
});

describe('limits that change', () => {
  const shown = ({ headers }: { headers: Record<string, string> }) =>
    `${headers['x-ratelimit-remaining']}/${headers['x-ratelimit-limit']} ${headers['x-ratelimit-bucket']}`;

  test('get lower, higher and another name', () => {
    const changes = [
      { at: 100, limit: 1 },
      { at: 200, limit: 5, bucket: 'c' },
      { at: 300, bucket: 'b' },
    ];
    const model = createModel({ routes: [{ ...SEND, limit: 3, changes }] });
    expect([0, 0, 100, 200, 300].map((now) => shown(send(model, now)))).toEqual([
      '2/3 b',
      '1/3 b',
      '0/1 b',
      '2/5 c',
      '1/5 b',
    ]);
    expect(model.statistics().refused.user).toBe(1);
  });

  test('lose their headers and get them back, also on refusals', () => {
    const changes = [
      { at: 100, headers: 'none' },
      { at: 200, headers: 'normal' },
    ] as const;
    const model = createModel({ routes: [{ ...SEND, changes }] });
    const answers = [0, 100, 150, 200].map((now) => send(model, now));
    expect(answers[1]?.headers).toEqual({ 'content-type': 'application/json' });
    expect(answers[2]).toMatchObject({
      status: 429,
      headers: { 'content-type': 'application/json', 'retry-after': '1' },
      body: { retry_after: 0.85 },
    });
    expect(Object.keys(answers[2]?.headers ?? {})).toHaveLength(2);
    expect(answers[3]?.headers).toHaveProperty('x-ratelimit-bucket', 'b');
  });
});

test('headers can lie until the limit is hit', () => {
  const reported = { limit: 50_000, remaining: 48_773, resetAfter: 102_737_719, bucket: 'unrelated' };
  const model = createModel({ routes: [{ ...SEND, reported }] });
  const [first, , third] = [0, 0, 500].map((now) => send(model, now).headers);
  expect(first).toMatchObject({
    'x-ratelimit-limit': '50000',
    'x-ratelimit-remaining': '48773',
    'x-ratelimit-reset': '102737.719',
    'x-ratelimit-reset-after': '102737.719',
    'x-ratelimit-bucket': 'unrelated',
  });
  expect(third).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset-after': '0.500',
    'x-ratelimit-bucket': 'b',
  });
});

describe('invalid tokens', () => {
  test('get 401 and use no limit', () => {
    const model = createModel({ globalLimit: 1, invalidTokens: ['Bot gone'] });
    expect(send(model, 0, { authorization: 'Bot gone' })).toEqual({
      verdict: 'unauthorized',
      status: 401,
      headers: { 'content-type': 'application/json' },
      body: { message: '401: Unauthorized', code: 0 },
    });
    expect(send(model, 0, { authorization: 'Bot gone' }).status).toBe(401);
    expect(send(model, 0, { authorization: 'Bot good' }).status).toBe(200);
    expect(model.statistics()).toMatchObject({ unauthorized: 2, invalidRequests: 2, admitted: 1 });
  });
});

describe('deleted webhooks', () => {
  const routes: RouteRule[] = [
    { ...SEND, path: '/webhooks/{webhook}/{token}' },
    { methods: ['POST'], path: '/webhooks/{webhook}', bucket: null },
  ];

  test('get 404 from all their routes, and are counted', () => {
    const model = createModel({ routes, deadWebhooks: ['7'] });
    const { status, verdict, headers, body } = send(model, 0, { path: '/webhooks/7/token' });
    expect({ status, verdict, body }).toEqual({
      status: 404,
      verdict: 'admitted',
      body: { message: 'Unknown Webhook', code: 10_015 },
    });
    expect(headers).toMatchObject({ 'content-type': 'application/json', 'x-ratelimit-remaining': '1' });
    expect(send(model, 0, { path: '/webhooks/7' }).status).toBe(404);
    expect(send(model, 0, { path: '/webhooks/8/token' }).status).toBe(200);
    expect(model.statistics().invalidRequests).toBe(0);
  });
});

describe('too many invalid requests', () => {
  const invalidRequests = { limit: 3, period: 10_000, ban: 60_000 };

  test('have Cloudflare answer all requests of the address', () => {
    const model = createModel({ invalidRequests });
    const verdicts = [0, 0, 0, 0, 0, 0].map((now) => send(model, now).verdict);
    expect(verdicts).toEqual(['admitted', 'admitted', 'user', 'user', 'user', 'banned']);
    const { status, headers, body } = send(model, 500, { path: '/nowhere', authorization: 'Bot other' });
    expect({ status, headers }).toEqual({
      status: 429,
      headers: { 'content-type': 'text/html; charset=UTF-8', 'retry-after': '60' },
    });
    expect(body).toMatch(/^<!DOCTYPE html>/);
    expect(model.statistics()).toMatchObject({ refused: { user: 3 }, banned: 2, invalidRequests: 3 });
    expect(send(model, 500, { address: '192.0.2.1' }).verdict).toBe('admitted');
    expect(send(model, 60_000).verdict).toBe('admitted');
  });

  test('are also 401 and 403, but not refusals by a shared limit', () => {
    const routes = [
      { ...SEND, limit: 99, shared: { limit: 1, period: 99 } },
      { ...SEND, methods: ['GET'], status: 403 },
    ];
    const model = createModel({ routes, invalidRequests, invalidTokens: ['x'] });
    for (let count = 0; count < 9; count += 1) send(model, 0);
    expect(model.statistics()).toMatchObject({ refusedUnseen: { shared: 8 }, invalidRequests: 0 });
    send(model, 0, { authorization: 'x' });
    send(model, 0, { method: 'GET' });
    send(model, 0, { method: 'GET' });
    expect(send(model, 0).verdict).toBe('banned');
  });

  test('are cleared by a reset', () => {
    const model = createModel({ invalidRequests });
    for (let count = 0; count < 6; count += 1) send(model, 0);
    model.reset();
    expect(send(model, 0).verdict).toBe('admitted');
  });
});
