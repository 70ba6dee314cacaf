import { describe, expect, test } from 'vitest';
import type { Arrival } from '../../src/model/journal.js';
import { StatisticsRecorder } from '../../src/model/statistics.js';

const WRITE: Arrival = { time: 0, method: 'POST', route: '/a', counter: 'c', verdict: 'admitted', mark: null };

function recorded(...arrivals: readonly (Partial<Arrival> & { readonly isInvalid?: boolean })[]) {
  const recorder = new StatisticsRecorder();
  for (const { isInvalid = false, ...fields } of arrivals) recorder.record({ ...WRITE, ...fields }, isInvalid);
  return recorder.snapshot();
}

test('counts by verdict, in total and by route', () => {
  const none = { subLimit: 0, shared: 0, hidden: 0 };
  const statistics = recorded(
    {},
    { method: 'GET' },
    { verdict: 'user', isInvalid: true },
    { verdict: 'global', isInvalid: true },
    { verdict: 'unknown-route', route: null, counter: null },
  );
  expect(statistics).toEqual({
    arrivals: 5,
    admitted: 2,
    refused: { user: 1, global: 1 },
    refusedUnseen: none,
    unknownRoutes: 1,
    unauthorized: 0,
    banned: 0,
    invalidRequests: 2,
    faults: {},
    reordered: 0,
    byRoute: {
      'POST /a': { arrivals: 3, admitted: 1, refused: { user: 1, global: 1 }, refusedUnseen: none },
      'GET /a': { arrivals: 1, admitted: 1, refused: { user: 0, global: 0 }, refusedUnseen: none },
    },
  });
});

test('counts refusals by limits that no header shows, and requests that reached no limit', () => {
  const verdicts = ['sub-limit', 'shared', 'shared', 'hidden', 'banned', 'unauthorized', 'failed'] as const;
  const statistics = recorded(...verdicts.map((verdict) => ({ verdict })));
  const refusedUnseen = { subLimit: 1, shared: 2, hidden: 1 };
  expect(statistics).toMatchObject({ admitted: 0, refused: { user: 0, global: 0 }, refusedUnseen });
  expect(statistics).toMatchObject({ arrivals: 7, unauthorized: 1, banned: 1 });
  expect(statistics.byRoute['POST /a']).toMatchObject({ arrivals: 7, refusedUnseen });
});

test('counts faults by their kind', () => {
  const recorder = new StatisticsRecorder();
  for (const kind of ['drop', 'refuse', 'drop'] as const) recorder.recordFault(kind);
  expect(recorder.snapshot()).toMatchObject({ arrivals: 0, faults: { drop: 2, refuse: 1 } });
});

test('a snapshot does not change', () => {
  const recorder = new StatisticsRecorder();
  const before = recorder.snapshot();
  recorder.record(WRITE, false);
  expect(before.arrivals).toBe(0);
});

describe('reordered writes', () => {
  test('are those with a lower mark than an earlier arrival of their counter', () => {
    expect(recorded({ mark: 1 }, { mark: 3 }, { mark: 2 }, { mark: 0 }, { mark: 4 }).reordered).toBe(2);
  });

  test('include those whose forerunner was refused', () => {
    expect(recorded({ mark: 2, verdict: 'user' }, { mark: 1 }).reordered).toBe(1);
  });

  test('include those that a sub-limit held no more than their overtaker', () => {
    const [name, both] = [['name'], ['name', 'topic']];
    expect(recorded({ mark: 2, subLimits: name }, { mark: 1, subLimits: name }).reordered).toBe(1);
    expect(recorded({ mark: 2, subLimits: both }, { mark: 1, subLimits: name }).reordered).toBe(1);
    expect(recorded({ mark: 2, subLimits: name }, { mark: 1 }).reordered).toBe(1);
  });

  test('do not include those that a sub-limit may have held', () => {
    const [name, both] = [['name'], ['name', 'topic']];
    expect(recorded({ mark: 2 }, { mark: 1, subLimits: name }).reordered).toBe(0);
    expect(recorded({ mark: 2, subLimits: name }, { mark: 1, subLimits: both }).reordered).toBe(0);
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
