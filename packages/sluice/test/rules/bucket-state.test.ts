import { describe, expect, it } from 'vitest';
import { BucketState } from '../../src/rules/bucket-state.js';
import { Grouping } from '../../src/rules/grouping.js';
import { Window } from '../../src/rules/window.js';
import { type Answer, observation } from './observations.js';

function observe(state: BucketState, answer: Answer, inFlight = 0) {
  return state.learn(observation(answer), inFlight);
}

/** A response of a fixed window with five requests per second, in which one request has been used. */
const USED: Answer = { at: 100, limit: 5, remaining: 4, reset: 1_100, route: 'POST /a' };

describe('two routes of a bucket', () => {
  it('count apart when a response opens a window that the other route has already used', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, remaining: 4, reset: 1_300, route: 'PATCH /a' })).toBe('separate');
    // The known window does not change.
    expect(state.resetAt).toBe(1_131);
    expect(state.windowOf('POST /a')?.resetAt).toBe(1_131);
  });

  it.each([
    ['with as many requests remaining in the same window', { remaining: 4, reset: 1_100 }],
    ['with an earlier reset', { remaining: 1, reset: 800 }],
  ])('count apart after a response %s', (_, difference) => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, ...difference, route: 'PATCH /a' })).toBe('separate');
  });

  it('may share a counter after a response that continues to count down', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a' })).not.toBe('separate');
  });

  it.each([
    ['of the same route', { route: 'POST /a' }],
    ['in a later window', { at: 1_200, reset: 2_200 }],
    ['to a request that was sent before the other response was received', { delayOut: 200 }],
    ['to a request that was sent just before the other response was received', { delayOut: 170, departure: 129 }],
    ['that refused', { refused: true }],
    ['without an instant on the server clock', { tellsReset: false }],
  ])('may share a counter after a response %s', (_, difference) => {
    const state = new BucketState();
    observe(state, USED);
    const answer = { at: 300, limit: 5, remaining: 4, reset: 1_300, route: 'PATCH /a', ...difference };
    expect(observe(state, answer)).not.toBe('separate');
  });

  it('are not compared with responses that were received after the request was sent', () => {
    const state = new BucketState();
    observe(state, USED);
    observe(state, { ...USED, at: 300, remaining: 2, delayBack: 10 });
    const between = { at: 250, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a', delayBack: 100 };
    expect(observe(state, between)).not.toBe('separate');
  });

  it('each keep a window of their own, with which they can continue', () => {
    const state = new BucketState();
    observe(state, USED);
    observe(state, { at: 300, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a' });
    observe(state, { at: 400, limit: 5, remaining: 2, reset: 1_100, route: 'PATCH /a' });
    const own = new BucketState();
    own.adopt('POST /a', state.windowOf('POST /a') ?? new Window());
    expect(own.available(0, 500)).toBe(4);
    expect(state.available(0, 500)).toBe(2);
  });

  it('start joined, are split and joined again, and stay joined after the third time', () => {
    const sharing = new Grouping();
    expect([sharing.isSplit, sharing.join()]).toEqual([false, false]);
    for (let round = 0; round < 3; round++) {
      expect([sharing.split(), sharing.split(), sharing.isSplit, sharing.join()]).toEqual([true, false, true, true]);
    }
    expect([sharing.split(), sharing.isSplit]).toEqual([false, false]);
  });
});

describe('a bucket that other clients use as well', () => {
  it('is contended after a response with less remaining than this client can have used', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { ...USED, at: 200, remaining: 3 })).toBe('none');
    expect(observe(state, { ...USED, at: 300, remaining: 1 })).toBe('contended');
  });

  it('takes the requests in flight into account', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { ...USED, at: 300, remaining: 1 }, 2)).toBe('none');
  });

  it('sends requests one at a time for three windows', () => {
    const state = new BucketState();
    observe(state, USED);
    state.beCautious(200);
    expect(state.waitFor(0, 300)).toBe(0);
    expect(state.waitFor(1, 300)).toBe(Number.POSITIVE_INFINITY);
    expect(state.isCautious(3_199)).toBe(true);
    expect(state.isCautious(3_201)).toBe(false);
    expect(state.waitFor(1, 3_300)).toBe(0);
  });
});

describe('a hold', () => {
  it('lasts together with the window until the later of the two', () => {
    const state = new BucketState();
    observe(state, { ...USED, remaining: 0 });
    state.hold(500);
    expect(state.waitFor(0, 200)).toBe(931);
    state.hold(5_000);
    state.hold(4_000);
    expect(state.waitFor(0, 200)).toBe(4_800);
    expect(state.resetAt).toBe(5_000);
    expect(state.idleAt).toBe(5_000);
  });
});
