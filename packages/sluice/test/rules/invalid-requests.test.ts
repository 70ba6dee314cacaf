import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidRequests, isInvalid } from '../../src/rules/invalid-requests.js';

const PERIOD = 600_000;
const SLOT = 10_000;

function counter(limit: number, margin = 0, period = PERIOD): InvalidRequests {
  return new InvalidRequests({ limit, period, margin });
}

/** Counts a number of invalid responses at one instant. */
function answer(requests: InvalidRequests, count: number, now: number): void {
  for (let done = 0; done < count; done++) {
    requests.take();
    requests.endInvalid(now);
  }
}

describe('isInvalid', () => {
  it.each([
    [200, undefined, false],
    [400, undefined, false],
    [401, undefined, true],
    [403, undefined, true],
    [404, undefined, false],
    [429, undefined, true],
    [429, 'user', true],
    [429, 'global', true],
    [429, 'shared', false],
    [500, undefined, false],
    [undefined, undefined, false],
  ] as const)('%s of scope %s: %s', (status, scope, expected) => {
    expect(isInvalid({ status, scope })).toBe(expected);
  });
});

describe('InvalidRequests', () => {
  it('counts each response for a period, and at most one slot longer', () => {
    const requests = counter(10);
    answer(requests, 1, 5_000);
    answer(requests, 2, 300_000);
    expect(requests.count(300_000)).toBe(3);
    expect(requests.count(5_000 + PERIOD)).toBe(3);
    expect(requests.count(SLOT + PERIOD)).toBe(2);
    expect(requests.count(300_000 + PERIOD + SLOT)).toBe(0);
  });

  it('reports each threshold once whenever it is crossed', () => {
    const requests = counter(20);
    const crossed = Array.from({ length: 20 }, () => {
      requests.take();
      return requests.endInvalid(0).crossed;
    });
    expect(crossed.flatMap((percents, index) => percents.map((percent) => [index + 1, percent]))).toEqual([
      [2, 10],
      [10, 50],
      [16, 80],
      [19, 95],
    ]);
    answer(requests, 1, PERIOD + SLOT);
    requests.take();
    expect(requests.endInvalid(PERIOD + SLOT)).toEqual({ count: 2, crossed: [10], isLast: false });
  });

  it('reports several thresholds at once when the limit is small', () => {
    const requests = counter(2);
    requests.take();
    expect(requests.endInvalid(0)).toEqual({ count: 1, crossed: [10, 50], isLast: false });
    requests.take();
    expect(requests.endInvalid(0)).toEqual({ count: 2, crossed: [80, 95], isLast: true });
  });

  it('holds requests at the limit less its margin, until enough responses have left the period', () => {
    const requests = counter(100, 0.05);
    answer(requests, 94, 0);
    expect([requests.admits(0), requests.heldUntil(0)]).toEqual([true, Number.NEGATIVE_INFINITY]);
    answer(requests, 1, 200_000);
    expect([requests.admits(200_000), requests.heldUntil(200_000)]).toEqual([false, PERIOD + SLOT]);
    expect(requests.admits(PERIOD + SLOT - 1)).toBe(false);
    expect(requests.admits(PERIOD + SLOT)).toBe(true);
  });

  it('counts requests in flight as if they became invalid, until a response proves otherwise', () => {
    const requests = counter(3);
    answer(requests, 1, 0);
    requests.take();
    requests.take();
    expect([requests.admits(0), requests.heldUntil(0), requests.roomAt(0)]).toEqual([
      false,
      Number.NEGATIVE_INFINITY,
      PERIOD + SLOT,
    ]);
    requests.end();
    expect(requests.admits(0)).toBe(true);
    requests.take();
    expect(requests.admits(PERIOD + SLOT)).toBe(true);
    requests.take();
    expect(requests.roomAt(PERIOD + SLOT)).toBe(Number.POSITIVE_INFINITY);
  });

  it('admits at least one request whatever the margin, and any number without a limit', () => {
    expect(counter(1, 0.99).admits(0)).toBe(true);
    const unlimited = counter(Number.POSITIVE_INFINITY, 0.05);
    answer(unlimited, 1_000, 0);
    expect([unlimited.admits(0), unlimited.count(0)]).toEqual([true, 1_000]);
    unlimited.take();
    expect(unlimited.endInvalid(0)).toEqual({ count: 1_001, crossed: [], isLast: false });
  });

  it('agrees with a recount of every response, and says exactly when there is room again', () => {
    const steps = fc.array(fc.record({ wait: fc.nat(2_000), count: fc.nat(3) }), { maxLength: 60 });
    const periods = fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0.5, max: 5_000, noNaN: true }));
    fc.assert(
      fc.property(
        steps,
        periods,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: -5_000, max: 5_000 }),
        (...given) => {
          const [plan, period, limit, start] = given;
          const requests = counter(limit, 0, period);
          const slot = Math.ceil(period / 60);
          const answers: number[] = [];
          const within = (now: number, age: number) => answers.filter((at) => now - at < age).length;
          let now = start;
          for (const { wait, count } of plan) {
            now += wait;
            answer(requests, count, now);
            for (let done = 0; done < count; done++) answers.push(now);
            const counted = requests.count(now);
            expect(counted).toBeGreaterThanOrEqual(within(now, period));
            expect(counted).toBeLessThanOrEqual(within(now, period + 2 * slot));
            const slots = Math.ceil(period / slot);
            expect(counted).toBe(
              answers.filter((at) => Math.floor(now / slot) - Math.floor(at / slot) <= slots).length,
            );
          }
          expect(requests.admits(now)).toBe(requests.count(now) < limit);
          const room = requests.heldUntil(now);
          if (requests.admits(now)) {
            expect(room).toBe(Number.NEGATIVE_INFINITY);
          } else {
            expect(requests.admits(room - 0.001)).toBe(false);
            expect(requests.admits(room)).toBe(true);
          }
        },
      ),
    );
  });

  it('replaces the counts of other processes by their newer ones', () => {
    const requests = new InvalidRequests({ limit: 100, period: 600_000, margin: 0 });
    requests.take();
    requests.endInvalid(1_000);
    requests.setOthers([{ at: 1_000, count: 30 }], 2, 1_000);
    expect(requests.count(1_000)).toBe(31);
    requests.addOthers([{ at: 900, count: 5 }], 1_000);
    expect(requests.count(1_000)).toBe(36);
    requests.setOthers([{ at: 2_000, count: 40 }], 2, 2_000);
    expect(requests.count(2_000)).toBe(41);
    expect(requests.count(2_000 + 700_000)).toBe(0);
  });

  it('reserves as much room forevery other process as it uses itself', () => {
    const requests = new InvalidRequests({ limit: 10, period: 600_000, margin: 0 });
    requests.setOthers([], 5, 0);
    requests.take();
    expect(requests.admits(0)).toBe(true);
    requests.take();
    expect(requests.admits(0)).toBe(false);
  });

  it('removes the counts of other processes as often as they change', () => {
    const requests = counter(100);
    answer(requests, 1, 1_000);
    requests.setOthers([{ at: 1_000, count: 30 }], 2, 1_000);
    for (let update = 0; update < 2; update++) {
      requests.setOthers([], 2, 2_000);
      expect(requests.count(2_000)).toBe(1);
    }
    requests.addOthers([{ at: 1_000, count: 5 }], 2_000 + PERIOD + SLOT);
    expect(requests.count(2_000 + PERIOD + SLOT)).toBe(0);
  });

  it('counts responses that another process dates in the future from now', () => {
    const requests = counter(100);
    requests.addOthers([{ at: 900_000, count: 5 }], 1_000);
    expect([requests.count(1_000), requests.count(1_000 + PERIOD + SLOT)]).toEqual([5, 0]);
  });

  it('reserves room for at least one process', () => {
    const requests = counter(2);
    requests.setOthers([], 0, 0);
    requests.take();
    expect(requests.admits(0)).toBe(true);
    requests.take();
    expect(requests.admits(0)).toBe(false);
  });

  it('dates responses at the latest instant at which they may have been received', () => {
    const requests = counter(100);
    answer(requests, 2, 5_000);
    answer(requests, 1, 15_000);
    expect(requests.counted(15_000)).toEqual([
      { at: 10_000, count: 2 },
      { at: 15_000, count: 1 },
    ]);
  });

  it('continues after a restart, also when several managers restore the same responses', () => {
    const before = counter(100);
    answer(before, 20, 5_000);
    const counted = before.counted(5_000);
    const requests = counter(100);
    requests.restore(counted, 6_000);
    requests.restore([...counted, { at: 5_500, count: 3 }], 6_000);
    requests.restore(counted, 6_000);
    expect(requests.count(6_000)).toBe(23);
    requests.restore([{ at: 5_000, count: 50 }], 5_000 + PERIOD + SLOT + 10_000);
    expect(requests.count(5_000 + PERIOD + SLOT + 10_000)).toBe(0);
  });

  it('restores responses from before the clock began', () => {
    const requests = counter(100);
    requests.restore([{ at: -15_000, count: 4 }], 0);
    expect([requests.count(0), requests.count(PERIOD - 10_001), requests.count(PERIOD)]).toEqual([4, 4, 0]);
  });
});
