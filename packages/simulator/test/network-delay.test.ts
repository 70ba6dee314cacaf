import { describe, expect, test } from 'vitest';
import { createJourneys } from '../src/network-delay.js';
import { seededRandom } from '../src/random.js';

function delays(rtt: number, jitter: number, seed: number): number[] {
  const next = createJourneys({ rtt, jitter, seed });
  return Array.from({ length: 500 }, next).flatMap(({ there, back }) => [there, back]);
}

describe('one-way delays', () => {
  test('are half a round trip without jitter', () => {
    expect(new Set(delays(100, 0, 1))).toEqual(new Set([50]));
  });

  test('spread evenly about it with jitter', () => {
    const all = delays(100, 40, 1);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(30);
    expect(Math.min(...all)).toBeLessThan(31);
    expect(Math.max(...all)).toBeLessThanOrEqual(70);
    expect(Math.max(...all)).toBeGreaterThan(69);
    expect(all.reduce((sum, delay) => sum + delay) / all.length).toBeCloseTo(50, -1);
  });

  test('are never negative', () => {
    expect(Math.min(...delays(10, 100, 1))).toBe(0);
  });

  test('depend on the seed alone', () => {
    expect(delays(100, 40, 7)).toEqual(delays(100, 40, 7));
    expect(delays(100, 40, 7)).not.toEqual(delays(100, 40, 8));
  });
});

test('a seed gives the published sequence of mulberry32', () => {
  const random = seededRandom(0);
  expect([random(), random(), random()]).toEqual([0.26642920868471265, 0.0003297457005828619, 0.2232720274478197]);
});
