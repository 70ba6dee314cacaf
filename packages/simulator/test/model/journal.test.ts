import { expect, test } from 'vitest';
import { type Arrival, Journal } from '../../src/model/journal.js';

function arrival(time: number): Arrival {
  return { time, method: 'GET', route: null, counter: null, verdict: 'admitted', mark: null };
}

function timesKept(capacity: number, arrivals: number): number[] {
  const journal = new Journal(capacity);
  for (let time = 1; time <= arrivals; time += 1) journal.add(arrival(time));
  return journal.entries().map(({ time }) => time);
}

test('keeps the newest arrivals, oldest first', () => {
  expect(timesKept(3, 2)).toEqual([1, 2]);
  expect(timesKept(3, 3)).toEqual([1, 2, 3]);
  expect(timesKept(3, 8)).toEqual([6, 7, 8]);
  expect(timesKept(0, 8)).toEqual([]);
});

test('its copies do not change', () => {
  const journal = new Journal(3);
  journal.add(arrival(1));
  const entries = journal.entries();
  journal.add(arrival(2));
  expect(entries).toHaveLength(1);
});

test('starts empty after clear', () => {
  const journal = new Journal(2);
  for (const time of [1, 2, 3]) journal.add(arrival(time));
  journal.clear();
  for (const time of [4, 5, 6]) journal.add(arrival(time));
  expect(journal.entries().map(({ time }) => time)).toEqual([5, 6]);
});
