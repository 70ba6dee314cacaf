import { describe, expect, it } from 'vitest';
import { type DatedReport, Reports } from '../../src/coordination/reports.js';

/** An answer of a window of five, which is over at 1,000 by the server's clock and by this one. */
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

function told(reports: Reports, now = 600) {
  return reports.take(now).map(({ remaining, age, count = 1 }) => ({ remaining, age, count }));
}

describe('Reports', () => {
  it('tell how long ago each came, once', () => {
    const reports = reportsOf(answer(4, 100), answer(3, 250));
    expect(told(reports)).toEqual([
      { remaining: 4, age: 500, count: 1 },
      { remaining: 3, age: 350, count: 1 },
    ]);
    expect(reports.isEmpty).toBe(true);
  });

  it('keep the first of a series, and one for all the others that says the most', () => {
    const thousand = Array.from({ length: 1_000 }, (_, index) => answer(999 - index, 100));
    expect(told(reportsOf(...thousand))).toEqual([
      { remaining: 999, age: 500, count: 1 },
      { remaining: 0, age: 500, count: 999 },
    ]);
  });

  it('take the least that is left, and the smallest bound on the reset, of answers in any order', () => {
    const late = answer(1, 500, { resetAfter: 700 });
    const [, { remaining, age, count, resetAfter } = {}] = reportsOf(answer(4, 0), late, answer(2, 400)).take(600);
    expect({ remaining, count }).toEqual({ remaining: 1, count: 2 });
    // 400 + 600 is earlier than 500 + 700.
    expect(600 - Number(age) + Number(resetAfter)).toBe(1_000);
  });

  it('take the newest window of a series', () => {
    const next = answer(4, 1_100, { reset: 2_000, resetAfter: 900 });
    expect(told(reportsOf(answer(4, 0), next, answer(0, 1_050)), 1_200)).toEqual([
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
  ])('do not merge an answer %s', (_, more) => {
    const all = [answer(4, 0), answer(3, 1), answer(3, 2, more), answer(2, 3)];
    const other = reportsOf(...all)
      .take(600)
      .find((report) => report.age === 598);
    expect(other).toMatchObject({ remaining: 3, ...more });
    expect(other?.count ?? 1).toBe(1);
  });

  it('keep what is no answer', () => {
    const reports = reportsOf({ lost: 1, receivedAt: 0 }, answer(4, 0), { hold: 50, receivedAt: 10 }, answer(3, 20));
    expect(reports.take(20).map(({ lost, hold }) => lost ?? hold)).toEqual([1, undefined, 50, undefined]);
  });

  it('put back what was not heard, before what has come since', () => {
    const reports = reportsOf(answer(4, 100));
    const taken = reports.take(200);
    reports.add(answer(3, 250));
    reports.restore(taken, 200);
    expect(told(reports)).toEqual([
      { remaining: 4, age: 500, count: 1 },
      { remaining: 3, age: 350, count: 1 },
    ]);
  });

  it('are bounded, and the newest are kept', () => {
    const reports = new Reports();
    for (let index = 0; index < 10_000; index++) reports.add({ lost: index, receivedAt: index });
    const taken = reports.take(10_000);
    expect(taken.length).toBeLessThanOrEqual(64);
    expect(taken.at(-1)?.lost).toBe(9_999);
  });
});
