import { expect, test } from 'vitest';
import { OutsideSchedule, type OutsideUse } from '../../src/model/outside-use.js';

function instants(uses: readonly OutsideUse[], until: number, start = 0): number[] {
  return new OutsideSchedule(uses, start).takeUntil(until);
}

test.each<[OutsideUse, number[]]>([
  [{ at: 100 }, [100]],
  [{ at: 100, count: 3 }, [100, 100, 100]],
  [{ at: 100, every: 400 }, [100, 500, 900]],
  [{ at: 100, every: 100, count: 2 }, [100, 200]],
  [{ at: 100, every: 100, until: 300 }, [100, 200, 300]],
  [{ at: 100, until: 99 }, []],
  [{ at: 1001 }, []],
])('%j comes at %j in the first second', (use, expected) => {
  expect(instants([use], 1000)).toEqual(expected);
});

test('counts from the start', () => {
  expect(instants([{ at: 100, every: 100, until: 250 }], 9000, 5000)).toEqual([5100, 5200]);
});

test('comes in order, once, and only when its instant has come', () => {
  const schedule = new OutsideSchedule([{ at: 50, every: 100 }, { at: 100 }], 0);
  expect(schedule.takeUntil(49)).toEqual([]);
  expect(schedule.takeUntil(150)).toEqual([50, 100, 150]);
  expect(schedule.takeUntil(150)).toEqual([]);
  expect(schedule.takeUntil(250)).toEqual([250]);
});
