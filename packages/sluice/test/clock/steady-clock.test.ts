import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock, Timer, TimerOptions } from '../../src/clock/clock.js';
import { SteadyClock, steady } from '../../src/clock/steady-clock.js';
import { systemClock } from '../../src/clock/system-clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

/** Wall time: it can be set back. Its timers count durations, as `setTimeout` does. */
class WallClock implements Clock {
  /** The time that really passes. */
  readonly real = new VirtualClock();
  options: TimerOptions | undefined;
  #offset = 1_000_000;

  now(): number {
    return this.real.now() + this.#offset;
  }

  setBack(by: number): void {
    this.#offset -= by;
  }

  setTimer(at: number, callback: () => void, options?: TimerOptions): Timer {
    this.options = options;
    return this.real.setTimer(this.real.now() + Math.max(0, at - this.now()), callback);
  }
}

let wall: WallClock;
let clock: SteadyClock;
beforeEach(() => {
  wall = new WallClock();
  clock = new SteadyClock(wall);
});

/** Sets the wall clock back between two readings, as a busy process would see it. */
function setBack(by: number): void {
  clock.now();
  wall.setBack(by);
  clock.now();
}

describe('SteadyClock', () => {
  it('starts with the time of the clock that it wraps, and follows it', async () => {
    expect(clock.now()).toBe(1_000_000);
    await wall.real.advance(500);
    expect(clock.now()).toBe(1_000_500);
    expect(clock.now()).toBe(1_000_500);
  });

  it('continues from where it was after each step back, so that no limit lasts longer', async () => {
    await wall.real.advance(500);
    setBack(10_000);
    expect(clock.now()).toBe(1_000_500);
    await wall.real.advance(100);
    setBack(3);
    expect(clock.now()).toBe(1_000_600);
    await wall.real.advance(100);
    expect(clock.now()).toBe(1_000_700);
  });

  it('does not go back when the clock steps back before the first reading', () => {
    wall.setBack(5_000);
    expect(clock.now()).toBe(1_000_000);
  });

  it('does not go back even if a step was longer than the time since', async () => {
    await wall.real.advance(500);
    clock.now();
    wall.setBack(10_000);
    await wall.real.advance(100);
    expect(clock.now()).toBe(1_000_500);
  });

  it.each([
    ['before it was set', 100, 200],
    ['while it is pending', 300, 0],
  ])('fires a timer after its own time when the clock steps back %s', async (_, stepAfter, setAfter) => {
    if (setAfter > 0) setBack(5_000);
    const fired: number[] = [];
    clock.setTimer(clock.now() + 1_000, () => fired.push(wall.real.now(), clock.now()));
    await wall.real.advance(stepAfter);
    if (setAfter === 0) setBack(5_000);
    await wall.real.advance(999 - stepAfter);
    expect(fired).toEqual([]);
    await wall.real.advance(1);
    expect(fired).toEqual([1_000, 1_001_000]);
  });

  it('waits for the rest when a step was seen only as the timer fired', async () => {
    const fired = vi.fn();
    clock.setTimer(clock.now() + 1_000, fired);
    wall.setBack(5_000);
    await wall.real.advance(1_000);
    expect(fired).not.toHaveBeenCalled();
    await wall.real.advance(1_000);
    expect(fired).toHaveBeenCalledOnce();
  });

  it('has reached the instant of a timer that fired a fraction early', async () => {
    const at = clock.now() + 1_000.5;
    let firedAt = 0;
    clock.setTimer(at, () => {
      firedAt = clock.now();
    });
    vi.spyOn(wall, 'now').mockReturnValue(at - 0.001);
    await wall.real.runAll();
    expect(firedAt).toBe(at);
  });

  it('cancels a timer, even one that is waiting for the rest of its time', async () => {
    const fired = vi.fn();
    const first = clock.setTimer(clock.now() + 1_000, fired);
    const second = clock.setTimer(clock.now() + 1_000, fired);
    first.cancel();
    wall.setBack(5_000);
    await wall.real.advance(1_500);
    second.cancel();
    await wall.real.runAll();
    expect(fired).not.toHaveBeenCalled();
    expect(wall.real.pendingTimers).toBe(0);
  });

  it('lets a timer that does not keep the process alive stay so', () => {
    clock.setTimer(clock.now() + 1, () => {}, { keepsProcessAlive: false });
    expect(wall.options).toEqual({ keepsProcessAlive: false });
  });
});

describe('steady', () => {
  it('wraps a clock that may step back, always in the same wrapper', () => {
    const wrapper = steady(wall);
    expect(wrapper).toBeInstanceOf(SteadyClock);
    expect(steady(wall)).toBe(wrapper);
    expect(steady(new WallClock())).not.toBe(wrapper);
  });

  it('returns a clock that never steps back as it is', () => {
    expect(steady(systemClock)).toBe(systemClock);
    expect(steady(clock)).toBe(clock);
  });
});
