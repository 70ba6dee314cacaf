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

  it('keeps its longest length, until the limit changes', () => {
    const shorter: Answer = { at: 1_300, limit: 5, remaining: 4, reset: 2_200 };
    expect(windowAfter(...FIXED).period).toBe(1_000);
    expect(windowAfter(...FIXED, shorter).period).toBe(1_000);
    expect(windowAfter(...FIXED, { ...shorter, limit: 6 }).period).toBe(900);
  });

  it('says whether a response was news', () => {
    const window = windowAfter(FIXED[0]);
    expect(window.observe(observation(FIXED[1]))).toBe(true);
    expect(window.observe(observation({ at: 1_300, limit: 5, remaining: 4, reset: 2_300 }))).toBe(true);
    expect(window.observe(observation({ ...FIXED[1], at: 300 }))).toBe(false);
  });

  it('holds requests on a clock past 2^31 ms, as in a process that has run for 25 days', () => {
    const start = 2 ** 31 + 1_000;
    const window = windowAfter({ at: start + 100, limit: 5, remaining: 0, reset: start + 1_100 });
    expect(window.resetAt).toBe(start + 1_130 + HEADER_PRECISION);
    expect([window.available(0, start + 500), window.waitFor(0, start + 500)]).toEqual([0, 631]);
  });

  it('keeps a limit that is no small integer', () => {
    const window = windowAfter({ ...FIXED[0], limit: 2 ** 31, remaining: 2 ** 31 - 1 });
    expect([window.limit, window.available(0, 300)]).toEqual([2 ** 31, 2 ** 31 - 1]);
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

    it('counts several until the last of them is over, even past the reset', () => {
      const window = windowAfter(FIXED[0], { ...FIXED[1], remaining: 0 });
      for (let lost = 0; lost < 5; lost++) window.lose(300);
      expect([window.waitFor(0, 300), window.available(0, 1_300), window.available(0, 1_301)]).toEqual([1_001, 0, 5]);
      expect([window.idleAt, window.available(1, 1_300)]).toEqual([1_301, -1]);
    });

    it('forgets losses that are over when another request is lost', () => {
      const window = windowAfter(...FIXED);
      for (let lost = 0; lost < 3; lost++) window.lose(300);
      window.lose(5_000);
      expect(window.available(0, 5_100)).toBe(4);
    });

    it('does not count a loss before the window is known', () => {
      const window = new Window();
      window.lose(50);
      window.observe(observation(FIXED[0]));
      expect([window.available(0, 200), window.idleAt]).toEqual([4, 1_131]);
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

  it('waits for one unit less with each request in flight, until the limit is in flight', () => {
    const window = windowAfter(...SLIDING);
    expect([2, 3, 4, 5].map((inFlight) => window.waitFor(inFlight, 180))).toEqual([0, 152, 351, Infinity]);
    expect(window.available(3, 180 + 152)).toBe(1);
  });

  it('may report any number remaining, because it drains all the time', () => {
    expect(windowAfter(...SLIDING).leastRemaining(2, 180)).toBe(Number.NEGATIVE_INFINITY);
    expect(windowAfter(...FIXED).leastRemaining(2, 300)).toBe(1);
  });

  it('stays sliding after a refusal, which moves no reset', () => {
    const window = windowAfter(...SLIDING, { at: 160, limit: 5, remaining: 2, reset: 700 });
    window.observe(observation({ at: 450, limit: 5, remaining: 3, reset: 700, refused: true }));
    expect(window.kind).toBe('sliding');
    window.observe(observation({ at: 500, limit: 5, remaining: 4, reset: 700 }));
    expect(window.kind).toBe('sliding');
  });

  it('measures a new unit when the limit changes', () => {
    expect(windowAfter(...SLIDING, { at: 5_000, limit: 10, remaining: 9, reset: 5_100 }).period).toBe(990);
  });

  it('has a finite wait when its reset is immediate', () => {
    const immediate: Answer = { at: 100, limit: 5, remaining: 4, reset: 100 };
    const window = windowAfter(immediate, { ...immediate, at: 101, remaining: 3, reset: 102.5 });
    window.agreeWith(windowAfter(...SLIDING), observation(immediate).headers);
    expect([window.kind, window.period, window.available(0, 10_000)]).toEqual(['sliding', 1, 5]);
    expect(window.waitFor(4, 120)).toBeLessThan(20);
    const empty = windowAfter({ ...immediate, reset: 100 });
    empty.agreeWith(windowAfter(...SLIDING), observation(immediate).headers);
    expect([empty.available(0, 10_000), empty.waitFor(0, 10_000)]).toEqual([5, 0]);
  });

  it('adds lost requests to the level that is there, until all have drained', () => {
    const window = windowAfter(SLIDING[0], { ...SLIDING[1], remaining: 2, reset: 700 });
    const before = window.available(0, 310);
    window.lose(300);
    expect([before, window.available(0, 310)]).toEqual([2, 1]);
    window.lose(305);
    expect([window.available(0, 310), window.idleAt]).toEqual([0, 731 + 2 * 199]);
    window.lose(5_000);
    expect(window.idleAt).toBe(5_199);
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

  it('counts lost requests as if it were sliding: each delays the reset by up to a period', () => {
    const window = windowAfter({ at: 100, limit: 5, remaining: 4, reset: 1_100 });
    window.lose(300);
    expect([310, 1_200, 2_131, 2_132].map((now) => window.available(0, now))).toEqual([3, 4, 4, 5]);
    window.lose(320);
    expect([3_132, 3_133].map((now) => window.available(0, now))).toEqual([3, 5]);
  });

  it('does not learn its kind from a refusal, nor from a response to another route', () => {
    const refused = windowAfter({ ...FIXED[0], refused: true }, FIXED[1]);
    expect(refused.kind).toBe('unknown');
    refused.observe(observation({ ...FIXED[1], at: 300, remaining: 2 }));
    expect(refused.kind).toBe('fixed');
    const other = windowAfter(FIXED[0]);
    other.observe(observation(FIXED[1]), false);
    expect(other.kind).toBe('unknown');
  });

  it('changes its kind when responses prove the other one', () => {
    const window = windowAfter(...FIXED);
    window.observe(observation({ at: 2_000, limit: 5, remaining: 4, reset: 2_200 }));
    window.observe(observation({ at: 2_010, limit: 5, remaining: 3, reset: 2_400 }));
    expect([window.kind, window.period]).toEqual(['sliding', 972]);
    window.observe(observation({ at: 4_000, limit: 5, remaining: 4, reset: 5_000 }));
    window.observe(observation({ at: 4_010, limit: 5, remaining: 3, reset: 5_000 }));
    expect(window.kind).toBe('fixed');
  });

  it('forgets the unit that it measured while it was fixed, which would make it wait too short', () => {
    const window = windowAfter(
      { at: 100, limit: 5, remaining: 4, reset: 400 },
      { at: 101, limit: 5, remaining: 3, reset: 400 },
    );
    expect([window.kind, window.knowledge.unit]).toEqual(['fixed', 299]);
    window.observe(observation({ at: 2_000, limit: 5, remaining: 4, reset: 2_200 }));
    window.observe(observation({ at: 2_010, limit: 5, remaining: 3, reset: 2_400 }));
    expect([window.kind, window.period]).toEqual(['sliding', 972]);
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

describe('a window that was set', () => {
  it('has a unit from the requests in it', () => {
    const window = windowAfter(...SLIDING);
    window.set({ limit: 10, remaining: 7, resetAt: 9_000 }, 400);
    expect(window.period).toBe(28_666);
    window.set({ limit: 10, remaining: 10, resetAt: 9_000 }, 400);
    expect(window.period).toBe(86_000);
    window.set({ limit: 10, remaining: 10, resetAt: 300 }, 400);
    expect([window.period, window.available(0, 400)]).toEqual([1, 10]);
  });

  it('ignores older responses, and learns from newer ones', () => {
    const window = new Window();
    window.set({ limit: 10, remaining: 7, resetAt: 9_000 }, 400);
    expect(window.observe(observation({ at: 500, limit: 10, remaining: 3, reset: 1_000 }))).toBe(false);
    expect([window.available(0, 600), window.resetAt]).toEqual([7, 9_000]);
    expect(window.observe(observation({ at: 9_100, limit: 10, remaining: 9, reset: 10_100 }))).toBe(true);
    expect(window.resetAt).toBe(10_131);
  });
});

describe('a window that continues elsewhere', () => {
  it('limits the next requests as it did before, lost ones included', () => {
    const window = windowAfter(...SLIDING);
    window.lose(200);
    const restored = new Window();
    restored.takeOver(window.knowledge);
    expect(restored.knowledge).toEqual(window.knowledge);
    expect([250, 500, 700, 900].map((now) => restored.available(1, now))).toEqual(
      [250, 500, 700, 900].map((now) => window.available(1, now)),
    );
    expect([window.knowledge.unit, window.knowledge.lost, window.knowledge.lastLostAt]).toEqual([199, 1, 200]);
  });

  it('does not infer its kind from a response of before', () => {
    const restored = new Window();
    restored.takeOver(windowAfter(FIXED[0]).knowledge);
    restored.observe(observation(FIXED[1]));
    expect(restored.kind).toBe('unknown');
  });

  it('copies what it needs to infer its kind, and nothing changes the original', () => {
    const window = windowAfter(FIXED[0]);
    const copy = window.clone();
    copy.observe(observation(FIXED[1]));
    expect([copy.kind, window.kind, copy.available(0, 300), window.available(0, 300)]).toEqual([
      'fixed',
      'unknown',
      3,
      4,
    ]);
    expect(new Window().clone().isKnown).toBe(false);
  });

  it('counts requests in flight as lost, besides those lost before that still count', () => {
    const window = windowAfter(...FIXED);
    window.lose(300);
    expect(window.knowledgeAfterLoss(0, 400, 2_400)).toEqual(window.knowledge);
    expect(window.knowledgeAfterLoss(2, 400, 2_400)).toMatchObject({ lost: 3, lastLostAt: 2_400 });
    expect(window.knowledgeAfterLoss(1, 310, 200)).toMatchObject({ lost: 2, lastLostAt: 300 });
    expect(window.knowledgeAfterLoss(2, 1_301, 3_301)).toMatchObject({ lost: 2, lastLostAt: 3_301 });
  });

  it('says how many requests had been sent when it last changed', () => {
    const window = windowAfter(FIXED[0]);
    const knownSince = (answer: Answer) => {
      window.observe(observation(answer));
      return window.knowledge.knownSince;
    };
    expect(window.knowledge.knownSince).toBe(130);
    expect(knownSince(FIXED[1])).toBe(230);
    expect(knownSince({ ...FIXED[1], at: 300 })).toBe(230);
    expect(knownSince({ at: 1_300, limit: 5, remaining: 4, reset: 2_300 })).toBe(1_330);
  });
});

describe('a window is contradicted by a response of another route', () => {
  const window = windowAfter({ at: 100, limit: 5, remaining: 3, reset: 1_100 });
  const BASE: Answer = { at: 300, limit: 5, remaining: 4, reset: 1_300, route: 'b' };

  it.each<[string, Partial<Answer>, boolean]>([
    ['if it opens a window', {}, true],
    ['unless its window has more requests', { remaining: 3 }, false],
    ['if its reset moved by more than the precision', { reset: 1_102 }, true],
    ['unless it counts down in a window with the same reset', { reset: 1_101, remaining: 2 }, false],
    ['if it does not count down in a window with the same reset', { reset: 1_101, remaining: 3 }, true],
    ['unless its reset is earlier within the precision', { reset: 1_099, remaining: 2 }, false],
    ['if its reset is earlier', { reset: 1_098, remaining: 2 }, true],
    ['unless its limit is another', { limit: 6, remaining: 5 }, false],
    ['if the server responded while the window was open', { at: 1_098, reset: 2_098 }, true],
    ['unless the server responded when the window was over', { at: 1_099, reset: 2_099 }, false],
    ['if the request was sent right after the last response', { departure: 130 }, true],
    ['unless the request was sent before the last response', { departure: 129 }, false],
    ['unless it is a refusal', { refused: true }, false],
    ['unless it has no instant on the server clock', { tellsReset: false }, false],
  ])('%s', (_, change, expected) => {
    expect(window.isContradictedBy(observation({ ...BASE, ...change }))).toBe(expected);
  });

  it('unless the limit is 1, which proves nothing', () => {
    const single = windowAfter({ at: 100, limit: 1, remaining: 0, reset: 1_100 });
    expect(single.isContradictedBy(observation({ ...BASE, limit: 1, remaining: 0 }))).toBe(false);
    const pair = windowAfter({ at: 100, limit: 2, remaining: 1, reset: 1_100 });
    expect(pair.isContradictedBy(observation({ ...BASE, limit: 2, remaining: 1 }))).toBe(true);
  });
});
