import type { Arrival } from '@sluice/simulator';
import { expect, it } from 'vitest';
import { firstMarkOf, reorderedWithin } from '../../../src/arena/fleet/marks.js';

function write(process: number, place: number, differences: Partial<Arrival> = {}): Arrival {
  const mark = firstMarkOf(process) + place;
  return { time: 0, method: 'POST', route: '/x', counter: 'c', verdict: 'admitted', mark, ...differences };
}

it.each([
  ['in order', [write(0, 0), write(0, 1), write(0, 3)], 0],
  ['of two processes, in any order', [write(1, 5), write(0, 0), write(1, 6), write(0, 1)], 0],
  ['overtaken by one', [write(0, 0), write(0, 2), write(0, 1), write(0, 3)], 1],
  ['overtaken by one, twice', [write(3, 4), write(3, 1), write(3, 2)], 2],
  ['refused before one that was not', [write(0, 1, { verdict: 'user' }), write(0, 2), write(0, 1)], 1],
  ['in counters of their own', [write(0, 1), write(0, 0, { counter: 'd' })], 0],
  ['in no counter', [write(0, 1, { counter: null }), write(0, 0, { counter: null })], 0],
  ['overtaken by a read', [write(0, 1, { method: 'GET' }), write(0, 0)], 0],
  ['without a mark', [write(0, 1), write(0, 0, { mark: null })], 0],
])('counts writes %s', (_, journal, reordered) => {
  expect(reorderedWithin(journal)).toBe(reordered);
});
