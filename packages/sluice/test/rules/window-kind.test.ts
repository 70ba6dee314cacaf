import { describe, expect, it } from 'vitest';
import { evidenceOf, inferKind, type KindEvidence, keepEvidence } from '../../src/rules/window-kind.js';

const A: KindEvidence = { route: 'a', remaining: 4, reset: 1_000, answeredAt: 0 };

describe('the kind of a window', () => {
  it('is fixed when the reset is equal, to a millisecond', () => {
    expect(inferKind(A, { ...A, remaining: 3, answeredAt: 100 })).toBe('fixed');
    expect(inferKind(A, { ...A, remaining: 3, answeredAt: 100, reset: 1_001 })).toBe('fixed');
  });

  it('is sliding when the reset moved, in whatever order the answers came', () => {
    const b = { ...A, remaining: 3, answeredAt: 100, reset: 1_200 };
    expect(inferKind(A, b)).toBe('sliding');
    expect(inferKind(b, A)).toBe('sliding');
  });

  it('is not told by answers of two windows', () => {
    expect(inferKind(A, { ...A, answeredAt: 1_000, reset: 2_000 })).toBeUndefined();
  });

  it('is not told by answers of two routes, whose counters may be two', () => {
    expect(inferKind(A, { ...A, route: 'b', answeredAt: 100, reset: 1_200 })).toBeUndefined();
  });

  it('is not told by headers that do not count down', () => {
    expect(inferKind(A, { ...A, answeredAt: 100 })).toBeUndefined();
  });

  it('is not told without the instant on the server clock', () => {
    expect(evidenceOf('a', { bucket: 'h', limit: 5, remaining: 4, resetAfter: 1_000 })).toBeUndefined();
    expect(evidenceOf('a', { bucket: 'h', limit: 5, remaining: 4, resetAfter: 1_000, reset: 5_000 })).toEqual({
      route: 'a',
      remaining: 4,
      reset: 5_000,
      answeredAt: 4_000,
    });
  });

  it('keeps evidence of one route while its window lasts, so that two routes in turn do not hide it', () => {
    const other = { ...A, route: 'b', answeredAt: 100 };
    expect(keepEvidence(undefined, A)).toBe(A);
    expect(keepEvidence(A, other)).toBe(A);
    expect(keepEvidence(A, { ...other, answeredAt: 1_000 })).toMatchObject({ route: 'b' });
    expect(keepEvidence(A, { ...A, remaining: 3 })).toMatchObject({ remaining: 3 });
  });
});
