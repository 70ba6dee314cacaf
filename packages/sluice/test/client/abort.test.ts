import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AbortScope, sleep, whenAborted } from '../../src/client/abort.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { errorOf } from './scripted-fetch.js';

const forever = new Promise<never>(() => {});

describe('the abort scope of a request', () => {
  it('settles as the operation does', async () => {
    const scope = new AbortScope();
    expect(await scope.until(Promise.resolve(5))).toBe(5);
    expect(await errorOf(scope.until(Promise.reject(new Error('failed'))))).toMatchObject({ message: 'failed' });
  });

  it('ends an operation that ignores its signal, and every later one', async () => {
    const scope = new AbortScope();
    const pending = errorOf(scope.until(forever));
    scope.abort('enough');
    expect([await pending, scope.signal.aborted, scope.signal.reason]).toEqual(['enough', true, 'enough']);
    expect(await errorOf(scope.until(forever))).toBe('enough');
  });

  it('interrupts one operation, after which the request may start another', async () => {
    const scope = new AbortScope();
    const { signal } = scope;
    const pending = errorOf(scope.until(forever));
    scope.interrupt('too slow');
    expect([await pending, signal.reason, scope.signal.aborted]).toEqual(['too slow', 'too slow', false]);
    expect(await scope.until(Promise.resolve('again'))).toBe('again');
    scope.abort('enough');
    expect(scope.signal.reason).toBe('enough');
  });
});

describe('whenAborted', () => {
  it('calls with the reason when the signal aborts, or immediately if it has', () => {
    const called = vi.fn();
    const controller = new AbortController();
    whenAborted(controller.signal, called);
    expect(called).not.toHaveBeenCalled();
    controller.abort('now');
    whenAborted(AbortSignal.abort('before'), called);
    expect(called.mock.calls).toEqual([['now'], ['before']]);
  });

  it('stops listening, and does nothing without a signal', () => {
    const called = vi.fn();
    const controller = new AbortController();
    whenAborted(controller.signal, called)();
    whenAborted(undefined, called)();
    controller.abort();
    expect(called).not.toHaveBeenCalled();
  });
});

describe('sleep', () => {
  let clock: VirtualClock;
  beforeEach(() => {
    clock = new VirtualClock(1_000);
  });

  it('waits for the duration', async () => {
    const woken = vi.fn();
    const done = sleep(clock, 300, new AbortScope()).then(woken);
    await clock.advance(299);
    expect(woken).not.toHaveBeenCalled();
    await clock.advance(1);
    await done;
  });

  it('leaves no timer behind when the request ends, so that the process can exit', async () => {
    const scope = new AbortScope();
    const slept = errorOf(sleep(clock, 60_000, scope));
    scope.abort('enough');
    expect([await slept, clock.pendingTimers]).toEqual(['enough', 0]);
  });
});
