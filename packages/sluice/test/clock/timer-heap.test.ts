import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeapTimer, TimerHeap } from '../../src/clock/timer-heap.js';

function drain(heap: TimerHeap): HeapTimer[] {
  const timers: HeapTimer[] = [];
  for (let timer = heap.shiftDue(Infinity); timer; timer = heap.shiftDue(Infinity)) timers.push(timer);
  return timers;
}

describe('TimerHeap', () => {
  it('returns the timers that were not cancelled by instant, then by order of setting', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), cancelled: fc.boolean() }), { maxLength: 200 }),
        (deadlines) => {
          const heap = new TimerHeap();
          const timers = deadlines.map(({ at, cancelled }) => ({ timer: heap.add(at, () => {}), cancelled }));
          for (const { timer, cancelled } of timers) if (cancelled) timer.cancel();
          const expected = timers
            .filter(({ cancelled }) => !cancelled)
            .map(({ timer }) => timer)
            .sort((a, b) => a.at - b.at || a.sequence - b.sequence);
          expect(drain(heap)).toEqual(expected);
          expect(heap.size).toBe(0);
        },
      ),
    );
  });

  it('knows whether any timer keeps the process alive', () => {
    const heap = new TimerHeap();
    heap.add(1, () => {}, false);
    expect(heap.keepsProcessAlive).toBe(false);
    const timer = heap.add(2, () => {});
    expect(heap.keepsProcessAlive).toBe(true);
    timer.cancel();
    expect(heap.keepsProcessAlive).toBe(false);
  });

  it('refuses an instant that is not a number', () => {
    expect(() => new TimerHeap().add(Number.NaN, () => {})).toThrow(TypeError);
  });
});
