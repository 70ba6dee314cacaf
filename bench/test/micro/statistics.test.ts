import { describe, expect, it } from 'vitest';
import { median } from '../../src/micro/statistics.js';

describe('median', () => {
  it('is the middle of an odd count, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  it('is the mean of the two in the middle of an even count', () => {
    expect(median([4, 1, 2, 100])).toBe(3);
  });

  it('sorts by value, not as text, and leaves its argument alone', () => {
    const numbers = [100, 9, 20];
    expect(median(numbers)).toBe(20);
    expect(numbers).toEqual([100, 9, 20]);
  });

  it('is NaN for an empty list', () => {
    expect(median([])).toBeNaN();
  });
});
