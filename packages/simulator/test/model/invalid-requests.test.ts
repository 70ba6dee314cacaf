import { describe, expect, test } from 'vitest';
import { InvalidRequests, isInvalid } from '../../src/model/invalid-requests.js';

test.each([
  [401, false, true],
  [403, false, true],
  [429, false, true],
  [429, true, false],
  [404, false, false],
  [200, false, false],
])('an answer of status %d, shared: %j, counts: %j', (status, isShared, counts) => {
  expect(isInvalid(status, isShared)).toBe(counts);
});

describe('an address', () => {
  test('is banned by the request that reaches the limit, and starts again at 0 after the ban', () => {
    const subject = new InvalidRequests({ limit: 2, period: 1000, ban: 5000 });
    subject.add('a', 0);
    expect(subject.banned('a', 999)).toBe(0);
    subject.add('a', 999);
    expect(subject.banned('a', 1000)).toBe(4999);
    expect(subject.banned('a', 5999)).toBe(0);
    subject.add('a', 6000);
    expect(subject.banned('a', 6000)).toBe(0);
  });

  test('is not banned for requests of a period ago', () => {
    const subject = new InvalidRequests({ limit: 2, period: 1000 });
    for (const now of [0, 1000, 2000]) subject.add('a', now);
    expect(subject.banned('a', 2000)).toBe(0);
  });

  test('is banned alone', () => {
    const subject = new InvalidRequests({ limit: 1 });
    subject.add('a', 0);
    expect(subject.banned('a', 0)).toBe(3_600_000);
    expect(subject.banned('b', 0)).toBe(0);
    subject.clear();
    expect(subject.banned('a', 0)).toBe(0);
  });

  test('may make 9,999 in ten minutes by default', () => {
    const subject = new InvalidRequests();
    for (let count = 1; count < 10_000; count += 1) subject.add('a', 599_999);
    expect(subject.banned('a', 599_999)).toBe(0);
    subject.add('a', 599_999);
    expect(subject.banned('a', 599_999)).toBe(3_600_000);
  });

  test('is never banned where there is no limit', () => {
    const subject = new InvalidRequests(null);
    for (let count = 0; count < 20_000; count += 1) subject.add('a', 0);
    expect(subject.banned('a', 0)).toBe(0);
  });
});
