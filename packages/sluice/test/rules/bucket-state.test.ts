import { describe, expect, it } from 'vitest';
import { BucketState } from '../../src/rules/bucket-state.js';
import { Grouping } from '../../src/rules/grouping.js';
import { Window } from '../../src/rules/window.js';
import { type Answer, observation } from './observations.js';

function observe(state: BucketState, answer: Answer, inFlight = 0) {
  return state.learn(observation(answer), inFlight);
}

/** A route of a fixed window that another route has used before, with both answered one after the other. */
const USED: Answer = { at: 100, limit: 5, remaining: 4, reset: 1_100, route: 'POST /a' };

describe('whether two routes of a bucket count together', () => {
  it('is disproved by an answer that is the first of a window after the other used it', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, remaining: 4, reset: 1_300, route: 'PATCH /a' })).toBe('separate');
    // The window that was known stays as it was.
    expect(state.resetAt).toBe(1_131);
    expect(state.windowOf('POST /a')?.resetAt).toBe(1_131);
  });

  it.each([
    ['with as many left in one window', { remaining: 4, reset: 1_100 }],
    ['with an earlier reset', { remaining: 1, reset: 800 }],
  ])('is disproved by an answer %s', (_, difference) => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, ...difference, route: 'PATCH /a' })).toBe('separate');
  });

  it('is not disproved by an answer that counts on', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { at: 300, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a' })).not.toBe('separate');
  });

  it.each([
    ['of the same route', { route: 'POST /a' }],
    ['in a later window', { at: 1_200, reset: 2_200 }],
    ['of a request that left before the other was heard of', { delayOut: 200 }],
    ['of one that left first at the instant at which the other was heard of', { delayOut: 170, departure: 129 }],
    ['that refused', { refused: true }],
    ['without the server telling its own instant', { tellsReset: false }],
  ])('is not disproved by an answer %s', (_, difference) => {
    const state = new BucketState();
    observe(state, USED);
    const answer = { at: 300, limit: 5, remaining: 4, reset: 1_300, route: 'PATCH /a', ...difference };
    expect(observe(state, answer)).not.toBe('separate');
  });

  it('is not disproved by comparison with what was heard after the request had left', () => {
    const state = new BucketState();
    observe(state, USED);
    observe(state, { ...USED, at: 300, remaining: 2, delayBack: 10 });
    const between = { at: 250, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a', delayBack: 100 };
    expect(observe(state, between)).not.toBe('separate');
  });

  it('keeps what each route told, to go on with by itself', () => {
    const state = new BucketState();
    observe(state, USED);
    observe(state, { at: 300, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a' });
    observe(state, { at: 400, limit: 5, remaining: 2, reset: 1_100, route: 'PATCH /a' });
    const own = new BucketState();
    own.adopt('POST /a', state.windowOf('POST /a') ?? new Window());
    expect(own.available(0, 500)).toBe(4);
    expect(state.available(0, 500)).toBe(2);
  });

  it('starts joined, is split once, is joined again, and stays so after some times', () => {
    const sharing = new Grouping();
    expect([sharing.isSplit, sharing.join()]).toEqual([false, false]);
    for (let round = 0; round < 3; round++) {
      expect([sharing.split(), sharing.split(), sharing.isSplit, sharing.join()]).toEqual([true, false, true, true]);
    }
    expect([sharing.split(), sharing.isSplit]).toEqual([false, false]);
  });
});

describe('a bucket that others use, too', () => {
  it('is told by an answer with less left than we can have used', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { ...USED, at: 200, remaining: 3 })).toBe('none');
    expect(observe(state, { ...USED, at: 300, remaining: 1 })).toBe('contended');
  });

  it('reckons with what is in flight', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { ...USED, at: 300, remaining: 1 }, 2)).toBe('none');
  });

  it('lets requests go one at a time for some windows', () => {
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
  it('and the window hold as long as the later of them', () => {
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
