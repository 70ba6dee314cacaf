import { describe, expect, it } from 'vitest';
import { type DatedReport, Reports } from '../../src/coordination/reports.js';

/** The report of a response in a window of five that resets at 1,000 by the server's clock and by this one. */
function answer(remaining: number, receivedAt: number, more: Partial<DatedReport> = {}): DatedReport {
  return {
    receivedAt,
    limit: 5,
    remaining,
    resetAfter: 1_000 - receivedAt,
    reset: 1_000,
    route: 'a',
    sent: 7,
    ...more,
  };
}

function reportsOf(...all: DatedReport[]): Reports {
  const reports = new Reports();
  for (const report of all) reports.add(report);
  return reports;
}

function taken(reports: Reports, now = 600) {
  return reports.take(now).map(({ remaining, age, count = 1 }) => ({ remaining, age, count }));
}

describe('Reports', () => {
  it('leave with their ages, once', () => {
    const reports = reportsOf(answer(4, 100), answer(3, 250));
    expect(taken(reports)).toEqual([
      { remaining: 4, age: 500, count: 1 },
      { remaining: 3, age: 350, count: 1 },
    ]);
    expect(reports.isEmpty).toBe(true);
  });

  it('are two for a series: the first, and one that says the most of all others', () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => answer(999 - index, 100));
    expect(taken(reportsOf(...thousand))).toEqual([
      { remaining: 999, age: 500, count: 1 },
      { remaining: 0, age: 500, count: 999 },
    ]);
  });

  it('merge into the fewest remaining requests and the smallest bound on the reset, in any order', () => {
    const late = answer(1, 500, { resetAfter: 700 });
    const [, { remaining, age, count, resetAfter } = {}] = reportsOf(answer(4, 0), late, answer(2, 400)).take(600);
    expect({ remaining, count }).toEqual({ remaining: 1, count: 2 });
    // 400 + 600 is earlier than 500 + 700.
    expect(600 - Number(age) + Number(resetAfter)).toBe(1_000);
  });

  it('merge into the newest window of a series', () => {
    const next = answer(4, 1_100, { reset: 2_000, resetAfter: 900 });
    expect(taken(reportsOf(answer(4, 0), next, answer(0, 1_050)), 1_200)).toEqual([
      { remaining: 4, age: 1_200, count: 1 },
      { remaining: 4, age: 100, count: 2 },
    ]);
  });

  it.each([
    ['of another route', { route: 'b' }],
    ['at another limit', { limit: 6 }],
    ['that was a refusal', { refused: true }],
    ['to a request that the store did not grant', { sent: undefined }],
    ['without the time of the server', { reset: undefined }],
    ['that a sub-limit counts', { mask: 1 }],
  ])('do not merge with a response %s', (_, more) => {
    const all = [answer(4, 0), answer(3, 1), answer(3, 2, more), answer(2, 3)];
    const other = reportsOf(...all)
      .take(600)
      .find((report) => report.age === 598);
    expect(other).toMatchObject({ remaining: 3, ...more });
    expect(other?.count ?? 1).toBe(1);
  });

  it('do not merge when they are of no response', () => {
    const reports = reportsOf({ lost: 1, receivedAt: 0 }, answer(4, 0), { hold: 50, receivedAt: 10 }, answer(3, 20));
    expect(reports.take(20).map(({ lost, hold }) => lost ?? hold)).toEqual([1, undefined, 50, undefined]);
  });

  it('come back in order if the store did not hear them', () => {
    const reports = reportsOf(answer(4, 100));
    const unheard = reports.take(200);
    reports.add(answer(3, 250));
    reports.restore(unheard, 200);
    expect(taken(reports)).toEqual([
      { remaining: 4, age: 500, count: 1 },
      { remaining: 3, age: 350, count: 1 },
    ]);
  });

  it('are bounded: the newest are kept', () => {
    const reports = new Reports();
    for (let index = 0; index < 10_000; index++) reports.add({ lost: index, receivedAt: index });
    const kept = reports.take(10_000);
    expect(kept.length).toBeLessThanOrEqual(64);
    expect(kept.at(-1)?.lost).toBe(9_999);
  });
});
