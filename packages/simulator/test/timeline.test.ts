import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Timeline } from '../src/timeline.js';

let start: number;
let timeline: Timeline;
let ran: string[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  start = performance.now();
  timeline = new Timeline();
  ran = [];
});

afterEach(() => {
  vi.useRealTimers();
});

function schedule(after: number, name: string): void {
  timeline.schedule(start + after, () => ran.push(name));
}

test('runs events in the order of their instants, and equal ones as they came', () => {
  schedule(2.5, 'third');
  schedule(2.1, 'first');
  schedule(2.5, 'fourth');
  schedule(2.3, 'second');
  vi.advanceTimersByTime(2);
  expect(ran).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ran).toEqual(['first', 'second', 'third', 'fourth']);
});

test('runs an event that is due at once', () => {
  schedule(0, 'now');
  expect(ran).toEqual(['now']);
});

test('runs an event that another event adds for the same instant right after it', () => {
  schedule(1, 'late');
  timeline.schedule(start, () => {
    schedule(0, 'next');
    ran.push('outer');
  });
  expect(ran).toEqual(['outer', 'next']);
  vi.advanceTimersByTime(1);
  expect(ran).toEqual(['outer', 'next', 'late']);
});

test('waits for instants that lie further ahead than a timer can reach', () => {
  const month = 30 * 86_400_000;
  schedule(month, 'far');
  vi.advanceTimersByTime(month - 1);
  expect(ran).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(ran).toEqual(['far']);
});

test('keeps one timer, and none once it is closed', () => {
  for (const after of [9, 5, 7, 1]) schedule(after, 'never');
  expect(vi.getTimerCount()).toBe(1);
  timeline.close();
  schedule(3, 'never');
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(100);
  expect(ran).toEqual([]);
});
