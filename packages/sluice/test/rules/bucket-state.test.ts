import { describe, expect, it } from 'vitest';
import { BucketState } from '../../src/rules/bucket-state.js';
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

describe('the state of a bucket', () => {
  const RENAME = { fields: ['name'], retryAfter: 600_000, receivedAt: 200, admitted: [] };

  it('matters until its sub-limits are over, so that the collector does not forget a learned limit', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(state.idleAt).toBe(1_131);
    state.refuse('PATCH /channels/{channel}', RENAME);
    expect(state.idleAt).toBe(600_200);
    expect(state.resetAt).toBe(1_131);
  });

  it('has no reset and no hold before anything happens', () => {
    const state = new BucketState();
    expect([state.resetAt, state.idleAt, state.heldFor(500)]).toEqual([0, Number.NEGATIVE_INFINITY, 0]);
    expect([state.isUnlimited, state.countsApart, state.isCautious(0), state.route]).toEqual([false, false, false, '']);
    expect([state.windowOf('GET /a'), state.windowOf('')]).toEqual([undefined, undefined]);
  });

  it('is unlimited except for holds, until a response has limits', () => {
    const state = new BucketState();
    observe(state, { ...USED, remaining: 0 });
    state.isUnlimited = true;
    expect([state.isUnlimited, state.available(9, 200), state.waitFor(9, 200)]).toEqual([true, Infinity, 0]);
    state.hold(700);
    expect([state.available(9, 200), state.waitFor(9, 200)]).toEqual([0, 500]);
    observe(state, { at: 800, limit: 5, remaining: 0, reset: 1_100 });
    expect([state.isUnlimited, state.waitFor(0, 900)]).toEqual([false, 231]);
  });

  it('holds requests for a limit that applies to all of them, and for one on their fields', () => {
    const state = new BucketState();
    observe(state, USED);
    expect(state.waitForFields(['name'], 300)).toBe(0);
    state.refuse('PATCH /channels/{channel}', RENAME);
    expect([state.waitForFields(['name'], 300), state.waitForFields(['nsfw'], 300)]).toEqual([599_900, 0]);
    expect([state.heldFor(300), state.waitFor(0, 300), state.subLimits?.limits.length]).toEqual([0, 0, 1]);
    state.refuse('POST /a', { ...RENAME, fields: undefined });
    expect([state.heldFor(300), state.waitFor(0, 300), state.subLimits?.limits.length]).toEqual([599_900, 599_900, 2]);
  });

  it('stays cautious for three windows after the end of a hold', () => {
    const state = new BucketState();
    observe(state, USED);
    state.hold(5_000);
    state.beCautious(200);
    const until = 5_000 + 3 * state.period;
    expect([state.isCautious(until - 1), state.isCautious(until)]).toEqual([true, false]);
    state.beCautious(300);
    expect(state.isCautious(until + 3 * state.period - 1)).toBe(true);
    state.beCautiousUntil(400);
    expect([state.isCautious(399), state.isCautious(400)]).toEqual([true, false]);
  });

  it.each([
    ['nothing remaining', 0, 'contended'],
    ['requests remaining', 2, 'none'],
  ])('is contended by a refusal with %s: %s', (_, remaining, finding) => {
    const state = new BucketState();
    observe(state, USED);
    expect(observe(state, { ...USED, at: 300, remaining, refused: true })).toBe(finding);
  });

  it('tells a later request of a window of its own route from an earlier one', () => {
    const state = new BucketState();
    expect(state.wasInformed(Number.MAX_SAFE_INTEGER)).toBe(false);
    state.countsApart = true;
    expect([state.countsApart, state.wasInformed(Number.MAX_SAFE_INTEGER)]).toEqual([true, false]);
    observe(state, USED);
    observe(state, { ...USED, at: 400, remaining: 3 });
    expect([state.wasInformed(129), state.wasInformed(130)]).toEqual([false, true]);
  });
});

describe('moving a bucket', () => {
  const SHARED = { fields: undefined, retryAfter: 2_000, receivedAt: 200, admitted: [] };

  it('takes over the later hold and caution, and sub-limits only if it has none', () => {
    const [first, second] = [new BucketState(), new BucketState()];
    first.hold(900);
    first.beCautiousUntil(800);
    second.hold(700);
    second.beCautiousUntil(600);
    second.refuse('POST /a', SHARED);
    second.inherit(first);
    expect([second.resetAt, second.isCautious(799), second.subLimits?.limits.length]).toEqual([900, true, 1]);
    first.inherit(second);
    expect([first.resetAt, first.isCautious(800), first.subLimits?.limits.length]).toEqual([900, false, 1]);
    expect(first.subLimits).not.toBe(second.subLimits);
    first.refuse('POST /a', { ...SHARED, fields: ['name'] });
    first.inherit(second);
    expect(first.subLimits?.limits).toHaveLength(2);
    first.inherit(new BucketState());
    expect(first.resetAt).toBe(900);
  });

  it('continues with the window and the hold of the other, for that route alone', () => {
    const [from, to] = [new BucketState(), new BucketState()];
    observe(from, USED);
    from.hold(5_000);
    to.continueFrom(from);
    expect([to.route, to.limit, to.resetAt, to.waitFor(0, 200)]).toEqual(['POST /a', 5, 5_000, 4_800]);
    const empty = new BucketState();
    empty.continueFrom(new BucketState());
    expect([empty.isKnown, empty.route]).toEqual([false, '']);
  });

  it('forgets the windows of other routes when it adopts one', () => {
    const state = new BucketState();
    observe(state, USED);
    observe(state, { at: 300, limit: 5, remaining: 3, reset: 1_100, route: 'PATCH /a' });
    state.adopt('PATCH /a', state.windowOf('PATCH /a') ?? new Window());
    expect([state.route, state.windowOf('POST /a'), state.windowOf('PATCH /a')]).toEqual([
      'PATCH /a',
      undefined,
      state,
    ]);
  });

  it('takes a window of another process only if it has none', () => {
    const [known, state] = [new BucketState(), new BucketState()];
    observe(known, USED);
    state.adoptShared('POST /a', known.knowledge);
    expect([state.route, state.available(0, 200)]).toEqual(['POST /a', 4]);
    state.adoptShared('POST /b', { ...known.knowledge, left: 0 });
    expect([state.route, state.available(0, 200)]).toEqual(['POST /a', 4]);
  });
});

describe('the knowledge that outlives a bucket', () => {
  it('is the same after a restart: window, hold, caution and sub-limits', () => {
    const state = new BucketState();
    observe(state, USED);
    state.hold(900);
    state.beCautious(200);
    state.refuse('PATCH /channels/{channel}', { fields: ['name'], retryAfter: 9_000, receivedAt: 200, admitted: [] });
    const knowledge = state.bucketKnowledge(0, 300, 2_300);
    expect(BucketState.from(knowledge).bucketKnowledge(0, 300, 2_300)).toEqual(knowledge);
    expect(BucketState.from({ ...knowledge, cautiousUntil: Number.NEGATIVE_INFINITY }).resetAt).toBe(1_131);
    const held = BucketState.from({ ...knowledge, window: undefined, cautiousUntil: Number.NEGATIVE_INFINITY });
    expect([held.waitFor(0, 300), held.isKnown]).toEqual([600, false]);
  });

  it('counts requests in flight as lost, in the window that is known', () => {
    const state = new BucketState();
    observe(state, USED);
    const restored = BucketState.from(state.bucketKnowledge(2, 300, 900));
    expect([restored.available(0, 400), restored.heldFor(400)]).toEqual([2, 0]);
  });

  it('sends nothing before the request in flight has arrived if no window is known', () => {
    const state = new BucketState();
    expect(BucketState.from(state.bucketKnowledge(1, 300, 2_300)).waitFor(0, 300)).toBe(2_000);
    expect(BucketState.from(state.bucketKnowledge(0, 300, 2_300)).waitFor(0, 300)).toBe(0);
    state.isUnlimited = true;
    expect(state.bucketKnowledge(1, 300, 2_300).heldUntil).toBe(Number.NEGATIVE_INFINITY);
    state.isUnlimited = false;
    state.hold(5_000);
    expect(state.bucketKnowledge(1, 300, 2_300).heldUntil).toBe(5_000);
  });
});
