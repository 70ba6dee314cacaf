import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

describe('VirtualClock', () => {
  it('fires timers in order, each at its own instant', async () => {
    const clock = new VirtualClock();
    const fired: [string, number][] = [];
    clock.setTimer(30, () => fired.push(['c', clock.now()]));
    clock.setTimer(10, () => fired.push(['a', clock.now()]));
    clock.setTimer(10, () => fired.push(['b', clock.now()]));
    await clock.advance(20);
    expect(fired).toEqual([
      ['a', 10],
      ['b', 10],
    ]);
    expect(clock.now()).toBe(20);
    await clock.advance(10);
    expect(fired.at(-1)).toEqual(['c', 30]);
  });

  it('fires timers that are set on the way', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    clock.setTimer(5, () => clock.setTimer(7, () => fired.push(clock.now())));
    await clock.advance(10);
    expect(fired).toEqual([7]);
  });

  it('does not fire a cancelled timer', async () => {
    const clock = new VirtualClock();
    const timer = clock.setTimer(5, () => expect.unreachable());
    timer.cancel();
    timer.cancel();
    await clock.runAll();
    expect(clock.pendingTimers).toBe(0);
  });

  it('settles promises between two timers', async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    clock.setTimer(1, () => void Promise.resolve().then(() => order.push('promise')));
    clock.setTimer(2, () => order.push('timer'));
    await clock.advance(5);
    expect(order).toEqual(['promise', 'timer']);
  });

  it('refuses to go back, and to loop forever', async () => {
    const clock = new VirtualClock(100);
    await expect(clock.advance(-1)).rejects.toThrow(RangeError);
    const again = () => void clock.setTimer(clock.now() + 1_000, again);
    again();
    await expect(clock.runAll(5_000)).rejects.toThrow('still pending');
  });

  it('lets promises set timers before it moves, whether it advances or runs all', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const setLater = () =>
      void Promise.resolve().then(() => clock.setTimer(clock.now() + 5, () => fired.push(clock.now())));
    setLater();
    await clock.advance(10);
    setLater();
    await clock.runAll();
    expect(fired).toEqual([5, 15]);
  });

  it('fires due timers without time passing, and never goes back for one in the past', async () => {
    const clock = new VirtualClock(100);
    const fired: number[] = [];
    clock.setTimer(40, () => fired.push(clock.now()));
    expect([clock.nextTimerAt, clock.pendingTimers]).toEqual([40, 1]);
    await clock.advance(0);
    await clock.advanceTo(50);
    expect([fired, clock.now(), clock.nextTimerAt]).toEqual([[100], 100, undefined]);
  });

  it('runs timers up to the limit, by default a year', async () => {
    const year = 365 * 24 * 3_600_000;
    const clock = new VirtualClock(100);
    clock.setTimer(100 + year, () => {});
    await clock.runAll();
    expect(clock.now()).toBe(100 + year);
    clock.setTimer(clock.now() + year + 1, () => {});
    await expect(clock.runAll()).rejects.toThrow('still pending');
  });
});
