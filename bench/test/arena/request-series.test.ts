import { expect, test } from 'vitest';
import { interleaved, reactionChanges, roleChanges, times } from '../../src/arena/request-series.js';

test('the items of all places come in order', () => {
  expect(times(3, (place) => [place, -place])).toEqual([0, -0, 1, -1, 2, -2]);
});

test('lists are interleaved until the longest ends', () => {
  expect(interleaved(['a', 'b', 'c'], ['1'], ['x', 'y'])).toEqual(['a', '1', 'x', 'b', 'y', 'c']);
  expect(interleaved()).toEqual([]);
});

test.each([
  ['reactions', reactionChanges(0, 4)],
  ['roles', roleChanges(0, 4)],
])('%s are taken back from where they were put', (_, [put, taken, next, nextTaken]) => {
  expect([put, taken, next, nextTaken].map((request) => request?.method)).toEqual(['PUT', 'DELETE', 'PUT', 'DELETE']);
  expect(taken?.path).toBe(put?.path);
  expect(nextTaken?.path).toBe(next?.path);
  expect(next?.path).not.toBe(put?.path);
});
