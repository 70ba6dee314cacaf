import { describe, expect, test } from 'vitest';
import { DiscordModel } from '../../src/model/discord-model.js';
import { leastTime, type OptimumConfig } from '../../src/model/optimum.js';
import type { WindowKind } from '../../src/model/window.js';

function config(window: WindowKind, more: Partial<OptimumConfig> = {}): OptimumConfig {
  const path = '/channels/{channel}/messages';
  return {
    routes: [
      { methods: ['POST'], path, bucket: 'a', limit: 5, period: 5000, window },
      { methods: ['POST'], path: '/free', bucket: null, exempt: true },
    ],
    globalLimit: null,
    ...more,
  };
}

function posts(count: number, path = '/channels/1/messages', authorization?: string) {
  return Array.from({ length: count }, () => ({ method: 'POST', path, authorization }));
}

describe('the least time', () => {
  test.each([
    [0, 0],
    [1, 0],
    [5, 0],
    [6, 5000],
    [10, 5000],
    [11, 10_000],
  ])('of %d requests to one fixed counter is %d ms', (count, time) => {
    expect(leastTime(config('fixed'), posts(count))).toBe(time);
  });

  test.each([
    [0, 0],
    [5, 0],
    [6, 1000],
    [11, 6000],
  ])('of %d requests to one sliding counter is %d ms', (count, time) => {
    expect(leastTime(config('sliding'), posts(count))).toBe(time);
  });

  test('is that of the slowest counter', () => {
    expect(leastTime(config('sliding'), [...posts(6), ...posts(8, '/channels/2/messages')])).toBe(3000);
    expect(leastTime(config('sliding'), [...posts(5, undefined, 'a'), ...posts(5, undefined, 'b')])).toBe(0);
  });

  test('includes one mean round trip, if there is anything to do', () => {
    expect(leastTime(config('fixed', { rtt: 120 }), posts(6))).toBe(5120);
    expect(leastTime(config('fixed', { rtt: 120 }), [])).toBe(0);
  });

  test('heeds the global limit of each authentication, and exemptions from it', () => {
    const limited = config('fixed', { globalLimit: 2 });
    expect(leastTime(limited, posts(5, '/unknown'))).toBe(2000);
    expect(leastTime(limited, [...posts(2, '/unknown', 'a'), ...posts(2, '/unknown', 'b')])).toBe(0);
    expect(leastTime(limited, posts(5, '/free'))).toBe(0);
    expect(leastTime(limited, posts(5, '/free', 'Bot a'))).toBe(2000);
  });
});

describe('limits that no header shows', () => {
  const path = '/channels/{channel}';
  const edit = { methods: ['PATCH'], path, bucket: 'e', limit: 10, period: 1000, window: 'fixed' } as const;
  const edits = (count: number, body: unknown) =>
    Array.from({ length: count }, () => ({ method: 'PATCH', path: '/channels/1', body }));

  test('count too', () => {
    const subLimits = [{ fields: ['name'], limit: 2, period: 600_000 }];
    const unseen = { routes: [{ ...edit, subLimits }], globalLimit: null };
    expect(leastTime(unseen, edits(5, { name: 'n' }))).toBe(1_200_000);
    expect(leastTime(unseen, edits(11, { nsfw: true }))).toBe(1000);
    const hidden = { limit: 3, period: 60_000, window: 'sliding' } as const;
    expect(leastTime({ routes: [{ ...edit, hidden }], globalLimit: null }, edits(4, {}))).toBe(20_000);
  });

  test('and counters that one bucket has apart', () => {
    const routes = [edit, { ...edit, methods: ['PUT'], counter: 'other', limit: 1 }];
    const puts = edits(3, {}).map((request) => ({ ...request, method: 'PUT' }));
    expect(leastTime({ routes, globalLimit: null }, [...edits(10, {}), ...puts])).toBe(2000);
  });
});

test.each(['fixed', 'sliding'] as const)('an impatient client of a %s counter needs the least time exactly', (kind) => {
  const model = new DiscordModel(config(kind), { epoch: 0 });
  const requests = posts(23);
  let now = 0;
  for (const request of requests) {
    while (model.receive(request, now).verdict !== 'admitted') now += 10;
  }
  expect(now).toBe(leastTime(config(kind), requests));
});
