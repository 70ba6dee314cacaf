import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stallsOf, watchEventLoop } from '../../src/micro/event-loop.js';

describe('stallsOf', () => {
  it('subtracts the pauses from the times that contain them', () => {
    const gaps = [
      { start: 0, end: 10 },
      { start: 10, end: 16 },
    ];
    const pauses = [
      { start: 1, end: 4 },
      { start: 8, end: 11 },
    ];
    expect(stallsOf(gaps, pauses)).toEqual({ longest: 10, longestWithoutGC: 5 });
  });

  it('is 0 when no time was long', () => {
    expect(stallsOf([], [{ start: 0, end: 1 }])).toEqual({ longest: 0, longestWithoutGC: 0 });
  });
});

describe('watchEventLoop', () => {
  it('finds what blocked the loop', async () => {
    const held = sleep(5).then(() => {
      const end = performance.now() + 20;
      while (performance.now() < end);
    });
    const { longest } = await watchEventLoop(held);
    expect(longest).toBeGreaterThanOrEqual(20);
  });

  it('rejects with the promise that it waits for', async () => {
    await expect(watchEventLoop(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });
});
