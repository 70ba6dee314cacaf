import { beforeEach, describe, expect, it, type Mock, vi } from 'vitest';
import { IdleTimeout } from '../../src/client/idle-timeout.js';
import type { Clock } from '../../src/clock/clock.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';

let clock: VirtualClock;
let onIdle: Mock<() => void>;
/** When the timeout passed. */
let idleAt: number[];

beforeEach(() => {
  clock = new VirtualClock(5_000);
  idleAt = [];
  onIdle = vi.fn(() => void idleAt.push(clock.now()));
});

function timeout(length: number): IdleTimeout {
  return new IdleTimeout(clock, length, onIdle);
}

describe('an idle timeout', () => {
  it('passes once there has been no progress for its whole length', async () => {
    const idle = timeout(1_000);
    idle.start();
    await clock.advance(900);
    idle.touch();
    await clock.advance(500);
    idle.touch();
    await clock.runAll();
    expect(idleAt).toEqual([5_000 + 900 + 500 + 1_000]);
  });

  it('counts neither before its start nor after its stop', async () => {
    const idle = timeout(1_000);
    idle.touch();
    expect(clock.pendingTimers).toBe(0);
    idle.start();
    idle.stop();
    idle.stop();
    idle.touch();
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(5_000);
    expect(idleAt).toEqual([]);
  });

  it('never passes if it is infinite', () => {
    timeout(Number.POSITIVE_INFINITY).start();
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([
    ['shorter', 400],
    ['longer', 3_000],
  ])('may be %s after one piece of progress', async (_, length) => {
    const idle = timeout(1_000);
    idle.start();
    await clock.advance(100);
    idle.touch(length);
    await clock.runAll();
    expect(idleAt).toEqual([5_100 + length]);
  });

  it('sets one timer for any number of pieces, as setting one for each would be slow', () => {
    const set = vi.spyOn(clock, 'setTimer');
    const idle = timeout(1_000);
    idle.start();
    for (let piece = 0; piece < 100; piece++) idle.touch();
    expect(set).toHaveBeenCalledOnce();
  });
});

/** A clock whose timers fire when the test says so, as they do in a busy process. */
class BusyClock implements Clock {
  instant = 5_000;
  timers: { at: number; callback: () => void }[] = [];

  now(): number {
    return this.instant;
  }

  setTimer(at: number, callback: () => void) {
    const timer = { at, callback };
    this.timers.push(timer);
    return { cancel: () => (this.timers = this.timers.filter((other) => other !== timer)) };
  }

  /** Fires the pending timer `late` ms after its instant. */
  fire(late = 0): void {
    const [timer] = this.timers.splice(0);
    if (timer === undefined) throw new Error('No timer is pending');
    this.instant = Math.max(this.instant, timer.at + late);
    timer.callback();
  }
}

describe('an idle timeout in a busy process', () => {
  let busy: BusyClock;
  let idle: IdleTimeout;
  beforeEach(() => {
    busy = new BusyClock();
    idle = new IdleTimeout(busy, 1_000, onIdle);
    idle.start();
  });

  it('passes only if a second timer finds no progress, because data may have arrived unread', () => {
    busy.fire();
    expect(onIdle).not.toHaveBeenCalled();
    idle.touch();
    busy.fire();
    expect(onIdle).not.toHaveBeenCalled();
    expect(busy.timers.map(({ at }) => at)).toEqual([7_000]);
    busy.fire();
    busy.fire();
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('starts again when the process did not run, because it could neither send nor read', () => {
    busy.fire(51);
    expect(busy.timers.map(({ at }) => at)).toEqual([7_051]);
    busy.fire();
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('does not start again when its timer is a little late', () => {
    busy.fire(50);
    expect(busy.timers.map(({ at }) => at)).toEqual([6_050]);
    busy.fire();
    expect(onIdle).toHaveBeenCalledOnce();
  });

  it('starts again with the length that applied since the last progress', () => {
    idle.touch(300);
    busy.fire(200);
    expect(busy.timers.map(({ at }) => at)).toEqual([5_800]);
  });

  it('has no timer left when it has passed', () => {
    busy.fire();
    busy.fire();
    expect(busy.timers).toEqual([]);
    idle.touch();
    expect(busy.timers).toEqual([]);
  });
});
