import type { Arrival, Verdict } from '@sluice/simulator';
import { expect, it } from 'vitest';
import { globalUse, globalUseWithin } from '../../../src/arena/fleet/global-use.js';

function arrival(time: number, verdict: Verdict = 'admitted'): Arrival {
  return { time, method: 'GET', route: '/x', counter: 'c', verdict, mark: 0 };
}

it('is whole when each second is full from its beginning', () => {
  const journal = [7, 7, 1_007, 1_007, 2_007, 2_007].map((time) => arrival(time));
  expect(globalUse(journal, 2)).toBe(1);
  expect(globalUse(journal, 4)).toBe(0.5);
});

it('counts requests that a bucket refused, but not those that the global limit refused', () => {
  expect(globalUse([arrival(0), arrival(1_000, 'user'), arrival(9_000, 'global')], 1)).toBe(1);
});

it('is 0 without arrivals', () => {
  expect(globalUse([], 50)).toBe(0);
});

it('subtracts the transit of the first request and the last response from a drain time', () => {
  expect(globalUseWithin(100, 1_080, 80, 50)).toBe(1);
  expect(globalUseWithin(25, 60, 80, 50)).toBe(0.5);
});
