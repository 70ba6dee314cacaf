import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const timers = vi.hoisted(() => ({
  delays: [] as number[],
  fire: undefined as (() => void) | undefined,
  refs: [] as string[],
  cleared: 0,
}));

vi.mock('node:timers', () => ({
  setTimeout: (callback: () => void, delay: number) => {
    timers.delays.push(delay);
    timers.fire = callback;
    return { ref: () => timers.refs.push('ref'), unref: () => timers.refs.push('unref') };
  },
  clearTimeout: () => {
    timers.cleared++;
    timers.fire = undefined;
  },
}));

const { SystemClock } = await import('../../src/clock/system-clock.js');

describe('SystemClock', () => {
  let now = 0;
  beforeEach(() => {
    now = 1_000;
    timers.delays.length = 0;
    timers.refs.length = 0;
    timers.cleared = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => vi.restoreAllMocks());

  it('keeps one real timer, for the earliest deadline, rounded up to whole milliseconds', () => {
    const clock = new SystemClock();
    clock.setTimer(1_500, () => {});
    clock.setTimer(1_100.2, () => {});
    clock.setTimer(1_300, () => {});
    expect(timers.delays).toEqual([500, 101]);
    expect(timers.cleared).toBe(1);
  });

  it('sets no second real timer for the same instant', () => {
    const clock = new SystemClock();
    clock.setTimer(1_500, () => {});
    clock.setTimer(1_500, () => {});
    expect(timers.delays).toEqual([500]);
  });

  it('fires a timer for an instant in the past on the next turn of the event loop', () => {
    const clock = new SystemClock();
    const called = vi.fn();
    clock.setTimer(400, called);
    expect(timers.delays).toEqual([0]);
    expect(called).not.toHaveBeenCalled();
    timers.fire?.();
    expect(called).toHaveBeenCalledOnce();
  });

  it('does not fire a cancelled timer, but the next one in time', () => {
    const clock = new SystemClock();
    const called = vi.fn();
    clock.setTimer(1_100, () => expect.unreachable()).cancel();
    clock.setTimer(1_300, called);
    now = 1_100;
    timers.fire?.();
    expect(timers.delays).toEqual([100, 200]);
    now = 1_300;
    timers.fire?.();
    expect(called).toHaveBeenCalledOnce();
  });

  it('never calls before the instant, even if the real timer is early', () => {
    const clock = new SystemClock();
    const called = vi.fn();
    clock.setTimer(1_100, called);
    now = 1_099.6;
    timers.fire?.();
    expect(called).not.toHaveBeenCalled();
    expect(timers.delays.at(-1)).toBe(1);
    now = 1_100;
    timers.fire?.();
    expect(called).toHaveBeenCalledOnce();
  });

  it('waits for longer than the longest real timer', () => {
    const clock = new SystemClock();
    const called = vi.fn();
    clock.setTimer(1_000 + 2 ** 31 + 5_000, called);
    expect(timers.delays).toEqual([2 ** 31 - 1]);
    now += 2 ** 31 - 1;
    timers.fire?.();
    expect(called).not.toHaveBeenCalled();
    expect(timers.delays.at(-1)).toBe(5_001);
  });

  it('keeps the process alive only for timers that ask for it', () => {
    const clock = new SystemClock();
    clock.setTimer(1_100, () => {}, { keepsProcessAlive: false });
    expect(timers.refs).toEqual(['unref']);
    const timer = clock.setTimer(1_200, () => {});
    expect(timers.refs.at(-1)).toBe('ref');
    timer.cancel();
    expect(timers.refs.at(-1)).toBe('unref');
  });

  it('fires the other timers when a callback throws', () => {
    const clock = new SystemClock();
    const called = vi.fn();
    clock.setTimer(1_100, () => {
      throw new Error('listener');
    });
    clock.setTimer(1_100, called);
    now = 1_100;
    expect(() => timers.fire?.()).toThrow('listener');
    timers.fire?.();
    expect(called).toHaveBeenCalledOnce();
  });
});
