import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../src/model/journal.js';
import { StatisticsRecorder } from '../../src/model/statistics.js';

const WRITE: Arrival = { time: 0, method: 'POST', route: '/a', counter: 'c', verdict: 'admitted', mark: null };

function recorded(...arrivals: readonly (Partial<Arrival> & { readonly status?: number })[]) {
  const recorder = new StatisticsRecorder();
  for (const { status = 200, ...fields } of arrivals) recorder.record({ ...WRITE, ...fields }, status);
  return recorder.snapshot();
}

test('counts by verdict, in all and by route', () => {
  const statistics = recorded(
    {},
    { method: 'GET' },
    { verdict: 'user', status: 429 },
    { verdict: 'global', status: 429 },
    { verdict: 'unknown-route', route: null, counter: null, status: 404 },
  );
  expect(statistics).toEqual({
    arrivals: 5,
    admitted: 2,
    refused: { user: 1, global: 1 },
    unknownRoutes: 1,
    invalidRequests: 2,
    reordered: 0,
    byRoute: {
      'POST /a': { arrivals: 3, admitted: 1, refused: { user: 1, global: 1 } },
      'GET /a': { arrivals: 1, admitted: 1, refused: { user: 0, global: 0 } },
    },
  });
});

test('counts 401 and 403 among the invalid requests', () => {
  expect(recorded({ status: 401 }, { status: 403 }, { status: 404 }).invalidRequests).toBe(2);
});

test('a snapshot does not change', () => {
  const recorder = new StatisticsRecorder();
  const before = recorder.snapshot();
  recorder.record(WRITE, 200);
  expect(before.arrivals).toBe(0);
});

describe('reordered writes', () => {
  test('are those with a lower mark than an earlier arrival of their counter', () => {
    expect(recorded({ mark: 1 }, { mark: 3 }, { mark: 2 }, { mark: 0 }, { mark: 4 }).reordered).toBe(2);
  });

  test('include those whose forerunner was refused', () => {
    expect(recorded({ mark: 2, verdict: 'user' }, { mark: 1 }).reordered).toBe(1);
  });

  test.each([
    ['other counters', { counter: 'd' }],
    ['no counter', { counter: null }],
    ['reading methods', { method: 'GET' }],
    ['no mark', { mark: null }],
    ['the same mark', { mark: 2 }],
  ])('do not include requests with %s', (_name, fields) => {
    expect(recorded({ mark: 2 }, { mark: 1, ...fields }).reordered).toBe(0);
  });
});
