import { describe, expect, it } from 'vitest';
import { InvalidRequestGuard, RESTBucketManager } from '../../src/index.js';

describe('the options of a guard', () => {
  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ period: 0 }, 'period'],
    [{ period: Number.NaN }, 'period'],
    [{ period: Number.POSITIVE_INFINITY }, 'period'],
    [{ margin: -0.1 }, 'margin'],
    [{ margin: 1 }, 'margin'],
    [{ onLimit: 'wait' as 'hold' }, 'onLimit'],
  ])('%j is a TypeError or RangeError that names the option', (invalidRequests, name) => {
    expect(() => new InvalidRequestGuard(invalidRequests)).toThrow(name);
    expect(() => new RESTBucketManager({ invalidRequests })).toThrow(name);
  });

  it('have the documented defaults', () => {
    expect(new InvalidRequestGuard()).toMatchObject({ limit: 10_000, period: 600_000, margin: 0.05, onLimit: 'hold' });
  });
});

describe('a guard', () => {
  it('that has seen nothing holds nothing', () => {
    const guard = new InvalidRequestGuard();
    expect([guard.count, guard.heldFor(1_000), guard.bannedUntil]).toEqual([0, 0, Number.NEGATIVE_INFINITY]);
  });
});
