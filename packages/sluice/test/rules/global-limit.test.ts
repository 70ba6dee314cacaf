import { describe, expect, it } from 'vitest';
import { GlobalLimit } from '../../src/rules/global-limit.js';

describe('GlobalLimit', () => {
  it('gives a slot back one second after the answer to its last use, not after its departure', () => {
    const limit = new GlobalLimit(1);
    expect(limit.waitFor(0)).toBe(0);
    limit.take();
    expect(limit.waitFor(5_000)).toBe(Number.POSITIVE_INFINITY);
    limit.end(5_000);
    expect(limit.waitFor(5_400)).toBe(600);
    expect(limit.available(5_999)).toBe(0);
    expect(limit.available(6_000)).toBe(1);
  });

  it('gives back at once what never left', () => {
    const limit = new GlobalLimit(1);
    limit.take();
    limit.giveBack();
    expect(limit.available(0)).toBe(1);
  });

  it('never has more than its slots in any second, over many rounds', () => {
    const limit = new GlobalLimit(3);
    const ends: number[] = [];
    for (let now = 0; now < 20_000; now += 37) {
      if (limit.available(now) === 0) continue;
      limit.take();
      limit.end(now + 10);
      ends.push(now + 10);
    }
    for (const end of ends) expect(ends.filter((e) => e > end - 1_000 && e <= end).length).toBeLessThanOrEqual(3);
    expect(ends.length).toBeGreaterThan(50);
  });
});
