import { describe, expect, test } from 'vitest';
import { DiscordModel, type ModelConfig } from '../../src/model/discord-model.js';
import type { RouteRule } from '../../src/model/routes.js';

const EPOCH = 1_750_000_000_000;
const MESSAGES = '/channels/{channel}/messages';

const ROUTES: readonly RouteRule[] = [
  { methods: ['POST'], path: MESSAGES, bucket: 'send', limit: 2, period: 3000, window: 'fixed' },
  { methods: ['PATCH'], path: MESSAGES, bucket: 'edit', limit: 2, period: 3000, window: 'sliding' },
  {
    methods: ['PUT', 'DELETE'],
    path: '/reactions',
    bucket: 'react',
    limit: 1,
    period: 250,
    window: 'sliding',
    status: 204,
  },
  { methods: ['GET'], path: '/forbidden', bucket: 'forbidden', limit: 9, period: 1000, window: 'fixed', status: 403 },
  { methods: ['GET'], path: '/gateway', bucket: null },
  { methods: ['POST'], path: '/callback', bucket: null, status: 204, exempt: true },
];

function createModel(config: Partial<ModelConfig> = {}, journalSize?: number): DiscordModel {
  const options = journalSize === undefined ? { epoch: EPOCH } : { epoch: EPOCH, journalSize };
  return new DiscordModel({ routes: ROUTES, globalLimit: null, ...config }, options);
}

function send(model: DiscordModel, now: number, method = 'POST', path = '/api/v10/channels/7/messages') {
  return model.receive({ method, path, authorization: 'Bot secret' }, now);
}

describe('an admitted request', () => {
  test('gets the state of its counter', () => {
    const model = createModel();
    const response = send(model, 1000.25);
    expect(response).toMatchObject({
      status: 200,
      verdict: 'admitted',
      body: { id: expect.stringMatching(/^\d{17,20}$/) },
    });
    expect(response.headers).toEqual({
      'content-type': 'application/json',
      'x-ratelimit-limit': '2',
      'x-ratelimit-remaining': '1',
      'x-ratelimit-reset': '1750000004.001',
      'x-ratelimit-reset-after': '3.000',
      'x-ratelimit-bucket': 'send',
    });
  });

  test('may have no body', () => {
    const { status, headers, body } = send(createModel(), 0, 'PUT', '/reactions');
    expect({ status, body }).toEqual({ status: 204, body: null });
    expect(headers).not.toHaveProperty('content-type');
    expect(headers).toHaveProperty('x-ratelimit-bucket', 'react');
  });

  test('may get an error that counts', () => {
    const { status, headers, body } = send(createModel(), 0, 'GET', '/forbidden');
    expect({ status, body }).toEqual({ status: 403, body: { message: '403: Forbidden', code: 0 } });
    expect(headers).toHaveProperty('x-ratelimit-remaining', '8');
  });

  test('carries no rate-limit headers where nothing is counted', () => {
    expect(send(createModel(), 0, 'GET', '/gateway').headers).toEqual({ 'content-type': 'application/json' });
  });
});

describe('a window as the headers show it', () => {
  test('fixed: one reset in all its responses, at fractions of a millisecond', () => {
    const model = createModel();
    const resets = [0.1, 812.7, 1999.9, 2900.3].map((now) => send(model, now).headers['x-ratelimit-reset']);
    expect(new Set(resets)).toEqual(new Set(['1750000003.001']));
  });

  test('sliding: a reset that moves by one unit', () => {
    const model = createModel();
    const resets = [0, 700].map((now) => send(model, now, 'PATCH').headers['x-ratelimit-reset']);
    expect(resets).toEqual(['1750000001.500', '1750000003.000']);
  });
});

describe('a request that its bucket refuses', () => {
  test('is told when to retry', () => {
    const model = createModel();
    send(model, 0);
    send(model, 0);
    expect(send(model, 1738.6)).toEqual({
      verdict: 'user',
      status: 429,
      headers: {
        'content-type': 'application/json',
        'x-ratelimit-limit': '2',
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': '1750000003.000',
        'x-ratelimit-reset-after': '1.262',
        'x-ratelimit-bucket': 'send',
        'x-ratelimit-scope': 'user',
        'retry-after': '2',
      },
      body: { message: 'You are being rate limited.', retry_after: 1.262, global: false },
    });
  });

  test('waits for one unit of a sliding window, not for all of it', () => {
    const model = createModel();
    send(model, 0, 'PATCH');
    send(model, 0, 'PATCH');
    const { headers, body } = send(model, 1000, 'PATCH');
    expect(body).toMatchObject({ retry_after: 0.5 });
    expect(headers).toMatchObject({ 'retry-after': '1', 'x-ratelimit-reset-after': '2.000' });
  });
});

describe('the global limit', () => {
  test('refuses without rate-limit headers of the bucket', () => {
    const model = createModel({ globalLimit: 1 });
    send(model, 0, 'GET', '/gateway');
    expect(send(model, 250)).toEqual({
      verdict: 'global',
      status: 429,
      headers: {
        'content-type': 'application/json',
        'x-ratelimit-global': 'true',
        'x-ratelimit-scope': 'global',
        'retry-after': '1',
      },
      body: { message: 'You are being rate limited.', retry_after: 0.75, global: true },
    });
  });

  test('lets no refused request reach the bucket, but counts those that the bucket refuses', () => {
    const model = createModel({ globalLimit: 3 });
    const verdicts = [0, 0, 0, 0, 1000].map((now) => send(model, now).verdict);
    expect(verdicts).toEqual(['admitted', 'admitted', 'user', 'global', 'user']);
  });

  test('is separate for each authentication', () => {
    const model = createModel({ globalLimit: 1 });
    const verdict = (authorization?: string) =>
      model.receive({ method: 'GET', path: '/gateway', authorization }, 0).verdict;
    expect([verdict('Bot a'), verdict('Bot b'), verdict(), verdict('Bot a'), verdict()]).toEqual([
      'admitted',
      'admitted',
      'admitted',
      'global',
      'global',
    ]);
  });

  test('applies to unknown routes and not to exempt ones', () => {
    const model = createModel({ globalLimit: 1 });
    const callback = () => model.receive({ method: 'POST', path: '/callback' }, 0).verdict;
    expect([callback(), callback()]).toEqual(['admitted', 'admitted']);
    expect(send(model, 0, 'GET', '/nowhere').verdict).toBe('unknown-route');
    expect(send(model, 0, 'GET', '/nowhere').verdict).toBe('global');
  });
});

test('rules with one bucket share a counter', () => {
  const model = createModel();
  expect(send(model, 0, 'PUT', '/reactions').verdict).toBe('admitted');
  expect(send(model, 100, 'DELETE', '/reactions').verdict).toBe('user');
});

test('an unknown route gets 404', () => {
  expect(send(createModel(), 0, 'GET', '/nowhere')).toEqual({
    verdict: 'unknown-route',
    status: 404,
    headers: { 'content-type': 'application/json' },
    body: { message: '404: Not Found', code: 0 },
  });
});

describe('the records of a model', () => {
  test('name the arrivals, without the token', () => {
    const model = createModel();
    model.receive({ method: 'POST', path: '/channels/7/messages', authorization: 'Bot secret', mark: 4 }, 12.5);
    model.receive({ method: 'GET', path: '/nowhere' }, 13);
    expect(model.journal).toEqual([
      {
        time: 12.5,
        method: 'POST',
        route: MESSAGES,
        counter: expect.stringMatching(/^[0-9a-f]{32} send channel=7$/),
        verdict: 'admitted',
        mark: 4,
      },
      { time: 13, method: 'GET', route: null, counter: null, verdict: 'unknown-route', mark: null },
    ]);
  });

  test('are bounded, except for the counts', () => {
    const model = createModel({}, 2);
    for (const now of [0, 1, 2]) send(model, now);
    expect(model.journal.map(({ time }) => time)).toEqual([1, 2]);
    expect(model.statistics()).toMatchObject({ arrivals: 3, refused: { user: 1, global: 0 }, invalidRequests: 1 });
  });

  test('are cleared by a reset, like the counters', () => {
    const model = createModel({ globalLimit: 2 });
    for (const now of [0, 1, 2]) send(model, now);
    model.reset();
    expect(model.journal).toEqual([]);
    expect(model.statistics()).toMatchObject({ arrivals: 0, byRoute: {} });
    expect(send(model, 3)).toMatchObject({ verdict: 'admitted', headers: { 'x-ratelimit-remaining': '1' } });
  });
});
