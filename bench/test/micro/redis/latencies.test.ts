import { expect, it } from 'vitest';
import { Latencies } from '../../../src/micro/redis/latencies.js';

function latencies(...times: number[]): Latencies {
  const made = new Latencies();
  for (const time of times) made.add(time);
  return made;
}

it.each([0.01, 0.5, 0.99, 1])('finds the quantile %d to within a percent', (part) => {
  const all = latencies(...Array.from({ length: 1_000 }, (_, place) => (place + 1) / 10));
  expect(all.quantile(part)).toBeGreaterThan(part * 100 * 0.99);
  expect(all.quantile(part)).toBeLessThan(part * 100 * 1.01);
});

it('adds up the times of several processes', () => {
  const all = latencies(1, 1, 1);
  all.addAll(new Latencies(latencies(100).counts));
  expect(all.total).toBe(4);
  expect(all.quantile(0.75)).toBeCloseTo(1, 1);
  expect(all.quantile(1)).toBeGreaterThan(99);
});

it('handles times that are too short or too long for its steps, and no times', () => {
  expect(latencies(0).quantile(0.5)).toBe(0.001);
  expect(latencies(1e9).quantile(0.5)).toBeGreaterThan(50_000);
  expect(latencies().quantile(0.5)).toBeNaN();
});
