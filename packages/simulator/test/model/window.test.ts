import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Admission,
  changeWindow,
  createWindow,
  FixedWindow,
  SlidingWindow,
  type Window,
} from '../../src/model/window.js';

interface Hit {
  readonly time: number;
  readonly answer: Admission;
}

const limits = fc.integer({ min: 1, max: 12 });
const units = fc.integer({ min: 1, max: 400 });
/** Gaps in thirds of a millisecond, so that instants are fractions; none is ambiguously close to an edge. */
const gaps = fc.array(
  fc.integer({ min: 0, max: 1500 }).map((thirds) => thirds / 3),
  { maxLength: 120 },
);

function hitAfterGaps(window: Window, waits: readonly number[]): Hit[] {
  let time = 0;
  return waits.map((wait) => {
    time += wait;
    return { time, answer: window.hit(time) };
  });
}

describe('a fixed window', () => {
  test('opens with its first request and refills at once when it ends', () => {
    const window = new FixedWindow(2, 1000);
    expect(window.hit(300)).toEqual({ admitted: true, remaining: 1, resetAt: 1300, retryAfter: 0 });
    expect(window.hit(800)).toEqual({ admitted: true, remaining: 0, resetAt: 1300, retryAfter: 0 });
    expect(window.hit(1299)).toEqual({ admitted: false, remaining: 0, resetAt: 1300, retryAfter: 1 });
    expect(window.hit(1300)).toEqual({ admitted: true, remaining: 1, resetAt: 2300, retryAfter: 0 });
  });

  test('says when it has room for several requests', () => {
    const window = new FixedWindow(3, 1000);
    expect(window.freeAt(100, 3)).toBe(100);
    window.hit(300);
    expect(window.freeAt(400, 2)).toBe(400);
    expect(window.freeAt(400, 3)).toBe(1300);
    expect(window.freeAt(1300, 3)).toBe(1300);
    expect(window.freeAt(1300, 4)).toBe(Number.POSITIVE_INFINITY);
  });

  test('is not extended by refused requests', () => {
    const window = new FixedWindow(1, 1000);
    window.hit(0);
    window.hit(999);
    expect(window.hit(1000).admitted).toBe(true);
  });

  test('names one reset and counts down to zero in each window', () => {
    fc.assert(
      fc.property(limits, units, gaps, (limit, unit, waits) => {
        const period = limit * unit;
        let hits = hitAfterGaps(new FixedWindow(limit, period), waits);
        while (hits[0] !== undefined) {
          const end = hits[0].time + period;
          const inWindow = hits.filter(({ time }) => time < end - 1e-3);
          inWindow.forEach(({ time, answer }, place) => {
            expect(answer.resetAt).toBe(end);
            expect(answer.admitted).toBe(place < limit);
            expect(answer.remaining).toBe(Math.max(0, limit - place - 1));
            expect(answer.retryAfter).toBe(answer.admitted ? 0 : end - time);
          });
          hits = hits.slice(inWindow.length);
        }
      }),
    );
  });
});

describe('a sliding window', () => {
  test('says when it has room for several requests', () => {
    const window = new SlidingWindow(3, 3000);
    expect(window.freeAt(100, 3)).toBe(100);
    window.hit(300);
    window.hit(300);
    expect(window.freeAt(300, 1)).toBe(300);
    expect(window.freeAt(800, 2)).toBe(1300);
    expect(window.freeAt(800, 3)).toBe(2300);
    expect(window.freeAt(800, 4)).toBe(Number.POSITIVE_INFINITY);
  });

  test('drains one unit at a time', () => {
    const window = new SlidingWindow(5, 5000);
    for (const remaining of [4, 3, 2, 1, 0]) expect(window.hit(0)).toMatchObject({ admitted: true, remaining });
    const refused = window.hit(400);
    expect(refused).toMatchObject({ admitted: false, remaining: 0, resetAt: 5000 });
    expect(refused.retryAfter).toBeCloseTo(600);
    expect(window.hit(1000)).toEqual({ admitted: true, remaining: 0, resetAt: 6000, retryAfter: 0 });
  });

  test('names a reset that moves by one unit with each request', () => {
    const window = new SlidingWindow(5, 5000);
    expect(window.hit(0).resetAt).toBe(1000);
    expect(window.hit(250).resetAt).toBe(2000);
    expect(window.hit(500).resetAt).toBe(3000);
  });

  test('holds back part of a unit from remaining', () => {
    const window = new SlidingWindow(3, 3000);
    window.hit(0);
    expect(window.hit(500).remaining).toBe(1);
  });

  test('admits exactly the requests that a level computed from the whole history admits', () => {
    fc.assert(
      fc.property(limits, units, gaps, (limit, unit, waits) => {
        const admissions: number[] = [];
        for (const { time, answer } of hitAfterGaps(new SlidingWindow(limit, limit * unit), waits)) {
          const before = levelFromHistory(admissions, time, unit);
          expect(answer.admitted).toBe(before + 1 <= limit + 1e-9);
          if (answer.admitted) admissions.push(time);
          const after = levelFromHistory(admissions, time, unit);
          expect(answer.remaining).toBe(Math.floor(limit - after + 1e-6));
          expect(answer.resetAt).toBeCloseTo(time + after * unit, 6);
          expect(answer.retryAfter).toBeCloseTo(answer.admitted ? 0 : (after + 1 - limit) * unit, 6);
        }
      }),
    );
  });

  test('never admits more than the limit plus the drained units, in any span of time', () => {
    fc.assert(
      fc.property(limits, units, gaps, (limit, unit, waits) => {
        const times = hitAfterGaps(new SlidingWindow(limit, limit * unit), waits)
          .filter(({ answer }) => answer.admitted)
          .map(({ time }) => time);
        times.forEach((start, first) => {
          times.slice(first).forEach((end, more) => {
            expect(more + 1).toBeLessThanOrEqual(limit + (end - start) / unit + 1e-6);
          });
        });
      }),
    );
  });
});

describe.each(['fixed', 'sliding'] as const)('a %s window', (kind) => {
  test('admits a request that waited for the given time, and no sooner', () => {
    fc.assert(
      fc.property(limits, units, gaps, (limit, unit, waits) => {
        const period = limit * unit;
        const replayed = () => {
          const window = createWindow(kind, limit, period);
          return { window, last: hitAfterGaps(window, [...waits, ...Array<number>(limit + 1).fill(0)]).at(-1) };
        };
        const { window, last } = replayed();
        if (last === undefined || last.answer.admitted) throw new Error('the last of limit + 1 at once is refused');
        expect(window.hit(last.time + last.answer.retryAfter).admitted).toBe(true);
        expect(replayed().window.hit(last.time + last.answer.retryAfter * 0.99).admitted).toBe(false);
      }),
    );
  });
});

describe('looking', () => {
  test('shows an idle counter as full', () => {
    const full = { admitted: true, remaining: 3, resetAt: 500, retryAfter: 0 };
    expect(new FixedWindow(3, 1000).look(500)).toEqual(full);
    expect(new SlidingWindow(3, 1000).look(500)).toEqual(full);
  });

  test.each(['fixed', 'sliding'] as const)('counts nothing in a %s window', (kind) => {
    fc.assert(
      fc.property(limits, units, gaps, (limit, unit, waits) => {
        const looked = createWindow(kind, limit, limit * unit);
        const left = createWindow(kind, limit, limit * unit);
        let now = 0;
        for (const wait of waits) {
          now += wait;
          const seen = looked.look(now);
          const answer = looked.hit(now);
          expect(answer).toEqual(left.hit(now));
          expect(seen.admitted).toBe(answer.admitted);
          expect(seen.retryAfter).toBe(answer.retryAfter);
          expect(seen.remaining).toBe(answer.remaining + (answer.admitted ? 1 : 0));
        }
      }),
    );
  });
});

describe('a change', () => {
  const usedTwice = (window: Window) => {
    window.hit(0);
    window.hit(0);
    return window;
  };

  test('of a fixed window keeps its count and its end', () => {
    const lower = changeWindow(usedTwice(new FixedWindow(5, 1000)), { window: 'fixed', limit: 1, period: 300 }, 200);
    expect(lower.look(999)).toEqual({ admitted: false, remaining: 0, resetAt: 1000, retryAfter: 1 });
    expect(lower.hit(1000)).toEqual({ admitted: true, remaining: 0, resetAt: 1300, retryAfter: 0 });
    const higher = changeWindow(usedTwice(new FixedWindow(2, 1000)), { window: 'fixed', limit: 9, period: 300 }, 200);
    expect(higher.hit(200)).toMatchObject({ remaining: 6, resetAt: 1000 });
  });

  test('of a sliding window keeps its level, which drains at the new rate', () => {
    const slower = changeWindow(
      usedTwice(new SlidingWindow(5, 5000)),
      { window: 'sliding', limit: 1, period: 4000 },
      500,
    );
    expect(slower.look(500)).toEqual({ admitted: false, remaining: 0, resetAt: 6500, retryAfter: 6000 });
  });

  test('of the kind keeps the count as a level, and a level, rounded up, as a count', () => {
    const sliding = changeWindow(
      usedTwice(new FixedWindow(5, 1000)),
      { window: 'sliding', limit: 5, period: 5000 },
      100,
    );
    expect(sliding.look(100)).toMatchObject({ remaining: 3, resetAt: 2100 });
    const fixed = changeWindow(usedTwice(new SlidingWindow(5, 5000)), { window: 'fixed', limit: 5, period: 700 }, 500);
    expect(fixed.hit(500)).toMatchObject({ remaining: 2, resetAt: 1200 });
  });

  test.each(['fixed', 'sliding'] as const)('of an idle counter to a %s one leaves it idle', (window) => {
    for (const old of [usedTwice(new FixedWindow(2, 100)), usedTwice(new SlidingWindow(2, 100))]) {
      const changed = changeWindow(old, { window, limit: 4, period: 1000 }, 5000);
      expect(changed.hit(9000)).toEqual(createWindow(window, 4, 1000).hit(9000));
    }
  });
});

/** The level, as the largest backlog of any span of admissions up to `now`: no state, no order of updates. */
function levelFromHistory(admissions: readonly number[], now: number, unit: number): number {
  const backlogs = admissions.map((start, index) => admissions.length - index - (now - start) / unit);
  return Math.max(0, ...backlogs);
}
