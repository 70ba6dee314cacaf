import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DiscordModel, type ModelConfig, type ModelRequest } from '../../src/model/discord-model.js';
import type { LimitedRule } from '../../src/model/routes.js';

const EDIT: LimitedRule = {
  methods: ['PATCH'],
  path: '/channels/{channel}',
  bucket: 'edit',
  limit: 10,
  period: 15_000,
  window: 'fixed',
};
const RENAMING = { fields: ['name'], limit: 2, period: 600_000 };

function createModel(rules: readonly LimitedRule[], config: Partial<ModelConfig> = {}): DiscordModel {
  return new DiscordModel({ routes: rules, globalLimit: null, ...config }, { epoch: 0 });
}

function edit(model: DiscordModel, now: number, request: Partial<ModelRequest> = {}) {
  return model.receive({ method: 'PATCH', path: '/channels/7', authorization: 'Bot a', ...request }, now);
}

describe('a sub-limit', () => {
  const rename = (model: DiscordModel, now: number) => edit(model, now, { body: { name: 'n' } });

  test('refuses with its own time, while the headers show room', () => {
    const model = createModel([{ ...EDIT, subLimits: [RENAMING] }]);
    rename(model, 0);
    rename(model, 1000);
    expect(rename(model, 10_500)).toEqual({
      verdict: 'sub-limit',
      status: 429,
      headers: {
        'content-type': 'application/json',
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': '8',
        'x-ratelimit-reset': '15.000',
        'x-ratelimit-reset-after': '4.500',
        'x-ratelimit-bucket': 'edit',
        'x-ratelimit-scope': 'user',
        'retry-after': '590',
      },
      body: { message: 'You are being rate limited.', retry_after: 589.5, global: false },
    });
    expect(model.statistics()).toMatchObject({ refusedUnseen: { subLimit: 1 }, invalidRequests: 1 });
    expect(rename(model, 600_000).verdict).toBe('admitted');
  });

  test('costs the bucket nothing when it refuses, and shows an idle one as full', () => {
    const model = createModel([{ ...EDIT, subLimits: [RENAMING] }]);
    for (const now of [0, 0, 0, 20_000]) rename(model, now);
    const { headers } = rename(model, 20_000);
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '10', 'x-ratelimit-reset-after': '0.000' });
    expect(edit(model, 20_000, { body: { nsfw: true } }).headers['x-ratelimit-remaining']).toBe('9');
  });

  test('costs nothing when the bucket refuses', () => {
    const model = createModel([{ ...EDIT, limit: 1, period: 1000, subLimits: [RENAMING] }]);
    expect([0, 0, 0, 1000, 2000].map((now) => rename(model, now).verdict)).toEqual([
      'admitted',
      'user',
      'user',
      'admitted',
      'sub-limit',
    ]);
  });

  test.each<[unknown]>([[undefined], [null], ['name'], [{ topic: 't' }], [{ data: { name: 'n' } }], [[{ name: 'n' }]]])(
    'leaves alone the body %j',
    (body) => {
      const model = createModel([{ ...EDIT, subLimits: [{ ...RENAMING, limit: 1 }] }]);
      rename(model, 0);
      expect(edit(model, 0, { body }).verdict).toBe('admitted');
    },
  );

  test('counts any of its fields, and each set of fields separately', () => {
    const subLimits = [
      { ...RENAMING, fields: ['name', 'topic'], limit: 1 },
      { ...RENAMING, fields: ['slowmode'], limit: 1 },
    ];
    const model = createModel([{ ...EDIT, subLimits }]);
    const bodies = [{ name: 'n' }, { slowmode: 1 }, { topic: 't' }, { slowmode: 2 }];
    expect(bodies.map((body) => edit(model, 0, { body }).verdict)).toEqual([
      'admitted',
      'admitted',
      'sub-limit',
      'sub-limit',
    ]);
  });

  test('belongs to one channel and one authentication', () => {
    const model = createModel([{ ...EDIT, subLimits: [{ ...RENAMING, limit: 1 }] }]);
    const body = { name: 'n' };
    const requests = [{ body }, { body, path: '/channels/8' }, { body, authorization: 'Bot b' }, { body }];
    expect(requests.map((request) => edit(model, 0, request).verdict)).toEqual([
      'admitted',
      'admitted',
      'admitted',
      'sub-limit',
    ]);
  });

  test('can slide, and can have the scope shared, which makes a refusal no invalid request', () => {
    const model = createModel([
      { ...EDIT, subLimits: [{ fields: ['name'], limit: 2, period: 2000, window: 'sliding', scope: 'shared' }] },
    ]);
    expect([0, 0, 999, 1000].map((now) => rename(model, now).verdict)).toEqual([
      'admitted',
      'admitted',
      'sub-limit',
      'admitted',
    ]);
    const { headers, body } = rename(model, 1000);
    expect(headers['x-ratelimit-scope']).toBe('shared');
    expect(body).toMatchObject({ message: 'The resource is being rate limited.', retry_after: 1 });
    expect(model.statistics().invalidRequests).toBe(0);
  });

  test('admits exactly the requests that it and its bucket, each counted from the history, admit', () => {
    const requests = fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.boolean()), { maxLength: 60 });
    const size = fc.record({ limit: fc.integer({ min: 1, max: 5 }), period: fc.integer({ min: 1, max: 4000 }) });
    fc.assert(
      fc.property(size, size, requests, (bucket, sub, history) => {
        const model = createModel([{ ...EDIT, ...bucket, subLimits: [{ ...sub, fields: ['name'] }] }]);
        const counted: { readonly at: number; readonly isRename: boolean }[] = [];
        let now = 0;
        for (const [gap, isRename] of history) {
          now += gap;
          const renames = counted.filter((request) => request.isRename);
          const hasRoom = roomIn(counted, bucket, now) && (!isRename || roomIn(renames, sub, now));
          const { verdict } = edit(model, now, { body: isRename ? { name: 'n' } : {} });
          expect(verdict === 'admitted').toBe(hasRoom);
          if (hasRoom) counted.push({ at: now, isRename });
        }
      }),
    );
  });
});

/** Whether a fixed window that counted these instants has room, from the history alone. */
function roomIn(
  counted: readonly { readonly at: number }[],
  { limit, period }: { readonly limit: number; readonly period: number },
  now: number,
): boolean {
  let opened = Number.NEGATIVE_INFINITY;
  let used = 0;
  for (const { at } of counted) {
    if (at >= opened + period) [opened, used] = [at, 0];
    used += 1;
  }
  return now >= opened + period || used < limit;
}

describe('a shared limit', () => {
  const shared = { limit: 2, period: 10_000 };

  test('is used by all authentications, separately for each resource', () => {
    const model = createModel([{ ...EDIT, shared }]);
    const verdicts = ['Bot a', 'Bot b', 'Bot c'].map((authorization) => edit(model, 0, { authorization }).verdict);
    expect(verdicts).toEqual(['admitted', 'admitted', 'shared']);
    expect(edit(model, 0, { path: '/channels/8' }).verdict).toBe('admitted');
  });

  test('refuses as the documentation shows, and not as an invalid request', () => {
    const model = createModel([{ ...EDIT, shared: { ...shared, outside: [{ at: 500, count: 2 }] } }]);
    const { headers, body } = edit(model, 1163.5);
    expect(headers).toMatchObject({
      'x-ratelimit-scope': 'shared',
      'x-ratelimit-remaining': '10',
      'retry-after': '10',
    });
    expect(body).toEqual({ message: 'The resource is being rate limited.', retry_after: 9.337, global: false });
    expect(model.statistics()).toMatchObject({ refusedUnseen: { shared: 1 }, invalidRequests: 0 });
  });

  test('may belong to a group of routes', () => {
    const group = { ...shared, limit: 1, group: 'g' };
    const other: LimitedRule = { ...EDIT, methods: ['PUT'], bucket: 'other', shared: group };
    const model = createModel([{ ...EDIT, shared: group }, other]);
    expect(edit(model, 0).verdict).toBe('admitted');
    expect(edit(model, 0, { method: 'PUT' }).verdict).toBe('shared');
  });
});

describe('a hidden limit', () => {
  const webhook = (hidden: LimitedRule['hidden']): LimitedRule => ({
    ...EDIT,
    methods: ['POST'],
    path: '/webhooks/{webhook}/{token}',
    ...(hidden && { hidden }),
  });
  const execute = (model: DiscordModel, path: string, authorization?: string) =>
    model.receive({ method: 'POST', path, authorization }, 0);

  test('refuses without a body', () => {
    const model = createModel([webhook({ limit: 1, period: 43_323 })]);
    execute(model, '/webhooks/1/t');
    const { verdict, status, headers, body } = execute(model, '/webhooks/1/t');
    expect({ verdict, status, body }).toEqual({ verdict: 'hidden', status: 429, body: null });
    expect(headers).toMatchObject({ 'x-ratelimit-remaining': '9', 'x-ratelimit-scope': 'user', 'retry-after': '44' });
    expect(headers).not.toHaveProperty('content-type');
    expect(model.statistics()).toMatchObject({ refusedUnseen: { hidden: 1 }, invalidRequests: 1 });
  });

  test('can have a body', () => {
    const model = createModel([webhook({ limit: 1, period: 43_323, body: 'json' })]);
    execute(model, '/webhooks/1/t');
    expect(execute(model, '/webhooks/1/t').body).toMatchObject({ retry_after: 43.323 });
  });

  test.each<[string, LimitedRule['hidden'], string[]]>([
    ['the major parameters', { limit: 1, period: 1 }, ['admitted', 'admitted', 'admitted', 'hidden']],
    ['some parameters', { limit: 1, period: 1, by: ['webhook'] }, ['admitted', 'hidden', 'admitted', 'hidden']],
    ['nothing', { limit: 1, period: 1, by: [] }, ['admitted', 'hidden', 'hidden', 'hidden']],
  ])('can go by %s', (_name, hidden, verdicts) => {
    const model = createModel([webhook(hidden)]);
    const paths = ['/webhooks/1/t', '/webhooks/1/u', '/webhooks/2/t', '/webhooks/1/t'];
    expect(paths.map((path) => execute(model, path).verdict)).toEqual(verdicts);
  });

  test('may belong to a group of routes, and is separate for each authentication', () => {
    const hidden = { limit: 1, period: 1000, by: ['guild'], group: 'emoji' };
    const create: LimitedRule = { ...EDIT, methods: ['POST'], path: '/guilds/{guild}/emojis', hidden };
    const change: LimitedRule = {
      ...EDIT,
      methods: ['POST'],
      path: '/guilds/{guild}/emojis/{emoji}',
      bucket: 'c',
      hidden,
    };
    const model = createModel([create, change]);
    expect(execute(model, '/guilds/1/emojis', 'a').verdict).toBe('admitted');
    expect(execute(model, '/guilds/1/emojis/5', 'a').verdict).toBe('hidden');
    expect(execute(model, '/guilds/1/emojis/5', 'b').verdict).toBe('admitted');
    expect(execute(model, '/guilds/2/emojis/5', 'a').verdict).toBe('admitted');
  });
});

test('the first limit without room refuses: bucket, sub-limit, shared, hidden', () => {
  const one = { limit: 1, period: 1000 };
  const model = createModel([
    {
      ...EDIT,
      limit: 4,
      subLimits: [{ ...one, fields: ['name'], period: 3000 }],
      shared: { ...one, limit: 2 },
      hidden: { ...one, limit: 3 },
    },
  ]);
  const verdict = (now: number, body: unknown) => edit(model, now, { body }).verdict;
  expect(verdict(0, { name: 'n' })).toBe('admitted');
  expect(verdict(0, {})).toBe('admitted');
  expect(verdict(0, { name: 'n' })).toBe('sub-limit');
  expect(verdict(0, {})).toBe('shared');
  expect(verdict(1000, {})).toBe('admitted');
  expect(verdict(1000, {})).toBe('admitted');
  expect(verdict(1000, {})).toBe('user');
});
