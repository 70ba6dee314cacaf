import { describe, expect, it } from 'vitest';
import { BucketState } from '../../src/rules/bucket-state.js';
import { inferKind, type KindEvidence } from '../../src/rules/window-kind.js';
import { type Answer, observation } from './observations.js';

const A: KindEvidence = { remaining: 4, reset: 1_000, resetAfter: 1_000 };

describe('the kind of a window', () => {
  it('is fixed when the reset is equal, to a millisecond', () => {
    expect(inferKind(A, { remaining: 3, resetAfter: 900, reset: 1_000 })).toBe('fixed');
    expect(inferKind(A, { remaining: 3, resetAfter: 901, reset: 1_001 })).toBe('fixed');
  });

  it('is sliding when the reset moved, whatever the order of the responses', () => {
    const b = { remaining: 3, resetAfter: 1_100, reset: 1_200 };
    expect(inferKind(A, b)).toBe('sliding');
    expect(inferKind(b, A)).toBe('sliding');
  });

  it('cannot be inferred from responses of two windows', () => {
    expect(inferKind(A, { remaining: 4, resetAfter: 1_000, reset: 2_000 })).toBeUndefined();
  });

  it('can be inferred up to the last millisecond of a window', () => {
    expect(inferKind(A, { remaining: 4, resetAfter: 1_002, reset: 2_000 })).toBe('sliding');
    expect(inferKind(A, { remaining: 4, resetAfter: 1_001, reset: 2_000 })).toBeUndefined();
    expect(inferKind(A, { remaining: 3, resetAfter: 900, reset: 1_002 })).toBe('sliding');
  });

  it('cannot be inferred from headers that do not count down', () => {
    expect(inferKind(A, { ...A, resetAfter: 900 })).toBeUndefined();
  });
});

describe('the kind of a window with several routes', () => {
  /** The responses of two alternating routes look like those of one window whose reset moves. */
  const answer = (route: string, at: number, remaining: number, reset: number): Answer => {
    return { route, at, remaining, reset, limit: 5, departure: 0 };
  };

  it('cannot be inferred from responses of two routes, whose counters may differ', () => {
    const state = new BucketState();
    state.learn(observation(answer('a', 100, 4, 1_000)), 0);
    state.learn(observation(answer('b', 200, 3, 1_200)), 0);
    expect(state.kind).toBe('unknown');
  });

  it('cannot be inferred without the instant on the server clock', () => {
    const state = new BucketState();
    state.learn(observation({ ...answer('a', 100, 4, 1_000), tellsReset: false }), 0);
    state.learn(observation({ ...answer('a', 200, 3, 1_000), tellsReset: false }), 0);
    expect(state.kind).toBe('unknown');
  });

  it('is inferred from two responses of one route, even with one of another route in between', () => {
    const state = new BucketState();
    state.learn(observation(answer('a', 100, 4, 1_000)), 0);
    state.learn(observation(answer('b', 200, 3, 1_000)), 0);
    state.learn(observation(answer('a', 300, 2, 1_000)), 0);
    expect(state.kind).toBe('fixed');
  });
});
