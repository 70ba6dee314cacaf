import { describe, expect, it } from 'vitest';
import { HEADER_PRECISION } from '../../src/rules/reset.js';
import { Window } from '../../src/rules/window.js';
import { type Answer, observation } from './observations.js';

function windowAfter(...answers: Answer[]): Window {
  const window = new Window();
  for (const answer of answers) window.observe(observation(answer));
  return window;
}

/** Two responses of one window with one reset. */
const FIXED: [Answer, Answer] = [
  { at: 100, limit: 5, remaining: 4, reset: 1_100 },
  { at: 200, limit: 5, remaining: 3, reset: 1_100 },
];

/** Two responses of one window whose reset moved by a unit of 200 ms. */
const SLIDING: [Answer, Answer] = [
  { at: 100, limit: 5, remaining: 4, reset: 300 },
  { at: 150, limit: 5, remaining: 3, reset: 500 },
];

describe('a fixed window', () => {
  it('is recognised by an equal reset', () => {
    expect(windowAfter(...FIXED).kind).toBe('fixed');
  });

  it('counts down by the requests in flight', () => {
    const window = windowAfter(...FIXED);
    expect(window.available(0, 300)).toBe(3);
    expect(window.available(2, 300)).toBe(1);
    expect(window.available(3, 300)).toBe(0);
  });

  it('uses the least remaining of the window, whatever the order of the responses', () => {
    const window = windowAfter(FIXED[0], { ...FIXED[1], remaining: 1 }, { ...FIXED[1], remaining: 2 });
    expect(window.available(0, 400)).toBe(1);
  });

  it('waits until the smallest of several bounds of the reset', () => {
    const window = windowAfter({ ...FIXED[0], delayBack: 400 }, { ...FIXED[1], remaining: 0, delayBack: 20 });
    expect(window.resetAt).toBe(1_120 + HEADER_PRECISION);
    expect(window.waitFor(0, 1_000)).toBeCloseTo(120 + HEADER_PRECISION);
    expect(window.available(0, 1_120 + HEADER_PRECISION)).toBe(5);
  });

  it('keeps room in the next window for requests that were in flight when this one ended', () => {
    const window = windowAfter(FIXED[0], { ...FIXED[1], remaining: 0 });
    expect(window.available(2, 2_000)).toBe(3);
  });

  it('ignores a response of an older window', () => {
    const newer: Answer = { at: 1_300, limit: 5, remaining: 4, reset: 2_300 };
    const window = windowAfter(...FIXED, newer, { ...FIXED[1], remaining: 0 });
    expect(window.available(0, 1_400)).toBe(4);
    expect(window.resetAt).toBe(2_330 + HEADER_PRECISION);
  });

  it('is full again after a window without responses, and keeps its limit', () => {
    expect(windowAfter(...FIXED).available(0, 60_000)).toBe(5);
  });

  it('waits for a response, not for time, when the whole limit is in flight', () => {
    const window = windowAfter({ at: 100, limit: 1, remaining: 0, reset: 1_100 });
    expect(window.waitFor(1, 500)).toBe(Number.POSITIVE_INFINITY);
    expect(window.waitFor(1, 5_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('learns a new limit from the headers', () => {
    const window = windowAfter(...FIXED, { at: 1_300, limit: 2, remaining: 1, reset: 2_300 });
    expect(window.limit).toBe(2);
    expect(window.available(0, 5_000)).toBe(2);
  });

  describe('with a request that was lost', () => {
    it('counts it until the response to a later request shows whether it was counted', () => {
      const window = windowAfter(...FIXED);
      window.lose(300);
      expect(window.available(0, 310)).toBe(2);
      window.observe(observation({ at: 350, limit: 5, remaining: 2, reset: 1_100, delayOut: 60 }));
      expect(window.available(0, 400)).toBe(1);
      window.observe(observation({ at: 450, limit: 5, remaining: 2, reset: 1_100, delayOut: 60 }));
      expect(window.available(0, 500)).toBe(2);
    });

    it('counts it for at most one period', () => {
      const window = windowAfter(...FIXED);
      window.lose(1_000);
      expect(window.available(0, 1_900)).toBe(4);
      expect(window.available(0, 2_001)).toBe(5);
    });

    it('is never stuck, even if all requests are lost', () => {
      const window = windowAfter({ at: 100, limit: 1, remaining: 0, reset: 1_100 });
      for (const at of [2_000, 4_500, 9_000]) {
        expect(window.available(0, at)).toBe(1);
        window.lose(at + 100);
        expect(window.waitFor(0, at + 100)).toBeGreaterThan(0);
        expect(window.waitFor(0, at + 100)).toBeLessThan(2_100);
      }
    });
  });
});

describe('a sliding window', () => {
  it('is recognised by a reset that moved', () => {
    expect(windowAfter(...SLIDING).kind).toBe('sliding');
  });

  it('admits the requests that fit on top of its level', () => {
    const window = windowAfter(...SLIDING);
    // At 180 the bucket is empty at 531 at the latest: a level of nearly two.
    expect(window.available(0, 180)).toBe(3);
    expect(window.available(2, 180)).toBe(1);
    expect(window.available(0, 540)).toBe(5);
  });

  it('waits until one unit has drained, not the whole window', () => {
    const full = { at: 200, limit: 5, remaining: 0, reset: 1_150 };
    const window = windowAfter(...SLIDING, full);
    const wait = window.waitFor(0, 230);
    expect(wait).toBeGreaterThan(100);
    expect(wait).toBeLessThan(165);
    expect(window.available(0, 230 + wait)).toBe(1);
  });

  it('ignores an older reset that arrives late', () => {
    const window = windowAfter(SLIDING[0], { ...SLIDING[1], remaining: 2, reset: 700 }, SLIDING[1]);
    expect(window.resetAt).toBe(730 + HEADER_PRECISION);
  });

  it('takes the smaller unit, which is the safe one', () => {
    // A level of 1.5: the unit is 200, and the second response alone would allow any from 150 to 300.
    const window = windowAfter(SLIDING[0], { at: 200, limit: 5, remaining: 3, reset: 500 });
    expect(window.period).toBeLessThanOrEqual(1_000);
    expect(window.period).toBeGreaterThan(700);
  });

  it('learns a new unit when responses contradict the old one', () => {
    const window = windowAfter(
      ...SLIDING,
      { at: 5_000, limit: 5, remaining: 4, reset: 5_050 },
      {
        at: 5_001,
        limit: 5,
        remaining: 3,
        reset: 5_100,
      },
    );
    expect(window.period).toBeLessThanOrEqual(250);
  });

  it('counts lost requests until they have drained', () => {
    const window = windowAfter(...SLIDING);
    window.lose(400);
    expect(window.available(0, 540)).toBe(4);
    expect(window.available(0, 740)).toBe(5);
    expect(window.idleAt).toBeLessThanOrEqual(740);
  });
});

describe('a window of unknown kind', () => {
  it('is treated as the stricter of the two', () => {
    const window = windowAfter({ at: 100, limit: 5, remaining: 0, reset: 1_100 });
    expect(window.kind).toBe('unknown');
    expect(window.available(0, 1_000)).toBe(0);
    expect(window.available(0, 1_131)).toBe(5);
  });

  it('uses local bounds when the server does not send its own instant', () => {
    const first: Answer = { at: 100, limit: 5, remaining: 4, reset: 1_100, tellsReset: false };
    const window = windowAfter(first, { ...first, at: 150, remaining: 2, delayBack: 90 });
    expect(window.available(0, 300)).toBe(2);
    expect(window.resetAt).toBe(1_130 + HEADER_PRECISION);
  });

  it('changes its kind when responses prove the other one', () => {
    const window = windowAfter(...FIXED);
    window.observe(observation({ at: 2_000, limit: 5, remaining: 4, reset: 2_200 }));
    window.observe(observation({ at: 2_010, limit: 5, remaining: 3, reset: 2_400 }));
    expect(window.kind).toBe('sliding');
    window.observe(observation({ at: 4_000, limit: 5, remaining: 4, reset: 5_000 }));
    window.observe(observation({ at: 4_010, limit: 5, remaining: 3, reset: 5_000 }));
    expect(window.kind).toBe('fixed');
  });
});

describe('setting a window', () => {
  it('replaces everything that responses said', () => {
    const window = windowAfter(...FIXED);
    window.lose(300);
    window.set({ limit: 10, remaining: 7, resetAt: 9_000 }, 400);
    expect(window.available(0, 500)).toBe(7);
    expect(window.resetAt).toBe(9_000);
    expect(window.period).toBe(8_600);
  });
});
