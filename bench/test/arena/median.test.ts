import { describe, expect, it } from 'vitest';
import { median } from '../../src/arena/median.js';

describe('median', () => {
  it('is the middle value, in any order', () => {
    expect(median([7])).toBe(7);
    expect(median([100, 1, 3])).toBe(3);
  });

  it('is the mean of two middle values', () => {
    expect(median([4, 1, 100, 2])).toBe(3);
  });

  it('does not exist for an empty list', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
