import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leastTime } from '../../src/model/optimum.js';
import { type ReachableConfig, reachableTime } from '../../src/model/reachable-optimum.js';
import type { LimitedRule } from '../../src/model/routes.js';

const path = '/channels/{channel}/messages';

/** Reads and writes of one counter; half a round trip is 50 ms. */
function config(limits: Partial<LimitedRule>, more: Partial<ReachableConfig> = {}): ReachableConfig {
  const rule: LimitedRule = { methods: ['GET', 'POST'], path, bucket: 'a', limit: 5, period: 1000, window: 'fixed' };
  return {
    routes: [
      { ...rule, ...limits },
      { methods: ['POST'], path: '/free', bucket: null, exempt: true },
    ],
    globalLimit: null,
    rtt: 100,
    ...more,
  };
}

function requests(method: string, count: number, at = '/channels/1/messages') {
  return Array.from({ length: count }, () => ({ method, path: at }));
}

describe('a fixed counter', () => {
  test.each([
    [0, 0],
    [1, 100],
    [5, 100],
    [6, 1200],
    [10, 1200],
    [11, 2300],
  ])('costs reads its period and a round trip for each window: %d take %d ms', (count, time) => {
    expect(reachableTime(config({}), requests('GET', count))).toBe(time);
  });

  test.each([
    [2, 200],
    // The window opened at 50 and ends at 1050, which the client knows at 1100.
    [3, 1200],
    [4, 1300],
    [5, 2300],
  ])('lets writes leave one after another: %d take %d ms', (count, time) => {
    expect(reachableTime(config({ limit: 2 }), requests('POST', count))).toBe(time);
  });

  test('does not delay writes whose round trips are longer than its windows', () => {
    expect(reachableTime(config({}, { rtt: 300 }), requests('POST', 10))).toBe(3000);
  });
});

describe('a sliding counter', () => {
  test.each([
    [5, 100],
    [6, 1200],
    [11, 6200],
  ])('costs reads one round trip in all: %d take %d ms', (count, time) => {
    expect(reachableTime(config({ window: 'sliding', period: 5000 }), requests('GET', count))).toBeCloseTo(time);
  });

  test('costs one round trip for each request where there is room for one only', () => {
    const one = config({ window: 'sliding', limit: 1, period: 250 });
    expect(reachableTime(one, requests('POST', 3))).toBe(800);
    expect(reachableTime(one, requests('GET', 3))).toBe(800);
  });

  test('is never promised more requests than fit at once, however late they arrive', () => {
    const far = config({ window: 'sliding', limit: 2, period: 100 }, { rtt: 300 });
    expect(reachableTime(far, requests('GET', 4))).toBe(700);
    // The fifth waits for the response to the third: until then two are in flight.
    expect(reachableTime(far, requests('GET', 5))).toBe(1000);
  });
});

test('reads of one counter run beside its writes', () => {
  const mixed = [...requests('POST', 3), ...requests('GET', 3)];
  expect(reachableTime(config({ limit: 10 }), mixed)).toBe(300);
  expect(reachableTime(config({}), mixed)).toBe(1200);
});

test('a slot of the global limit is free one second after its response', () => {
  const limited = config({}, { globalLimit: 2 });
  expect(reachableTime(limited, requests('POST', 5, '/unknown'))).toBe(2300);
  expect(reachableTime(limited, requests('POST', 5, '/free'))).toBe(100);
  const ofTwo = ['Bot a', 'Bot b'].flatMap((authorization) =>
    requests('GET', 2, '/unknown').map((request) => ({ ...request, authorization })),
  );
  expect(reachableTime(limited, ofTwo)).toBe(100);
});

test('limits that no header shows count, too', () => {
  const unseen = config({ limit: 50, subLimits: [{ fields: ['name'], limit: 2, period: 4000 }] });
  const named = requests('POST', 5).map((request) => ({ ...request, body: { name: 'n' } }));
  expect(reachableTime(unseen, named)).toBe(8300);
  expect(reachableTime(unseen, requests('POST', 5))).toBe(500);
});

describe('others who use the counter', () => {
  test('before the start leave the rest', () => {
    const partUsed = config({ outside: [{ at: 0, count: 3 }] });
    expect(leastTime(partUsed, requests('GET', 3))).toBe(1050);
    expect(reachableTime(partUsed, requests('GET', 3))).toBe(1150);
    const used = config({ outside: [{ at: 0, count: 5 }] });
    expect(leastTime(used, requests('GET', 1))).toBe(1050);
    expect(reachableTime(used, requests('GET', 1))).toBe(1100);
  });

  test('may leave no room for ever', () => {
    const taken = config({ limit: 1, outside: [{ at: 0, every: 1000 }] });
    expect(leastTime(taken, requests('GET', 1))).toBe(Number.POSITIVE_INFINITY);
    expect(reachableTime(taken, requests('GET', 1), { draws: 1 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a limit that is lowered', () => {
  test('applies from then on', () => {
    const lowered = config({ limit: 4, changes: [{ at: 500, limit: 2 }] });
    expect(leastTime(lowered, requests('GET', 8))).toBe(2100);
    expect(reachableTime(lowered, requests('GET', 8))).toBe(2300);
  });

  test('costs each request in flight a refusal', () => {
    const lowered = config({ limit: 2, changes: [{ at: 25, limit: 1 }] });
    expect(leastTime(lowered, requests('GET', 2))).toBe(1100);
    expect(reachableTime(lowered, requests('GET', 2))).toBe(1200);
  });
});

describe('under jitter', () => {
  const jittery = config({ limit: 1 }, { jitter: 40 });

  test('the result is the mean of the draws, the same for one seed', () => {
    // Limit 1: the second leaves when a response has told the reset, so four delays add up.
    const mean = reachableTime(jittery, requests('GET', 2), { draws: 4000 });
    expect(Math.abs(mean - 1200)).toBeLessThan(1);
    expect(reachableTime(jittery, requests('GET', 2), { draws: 4000 })).toBe(mean);
    expect(reachableTime(jittery, requests('GET', 2), { draws: 4000, seed: 2 })).not.toBe(mean);
    expect(reachableTime({ ...jittery, seed: 2 }, requests('GET', 2))).toBe(
      reachableTime(jittery, requests('GET', 2), { seed: 2 }),
    );
  });

  test('the quickest response of a window tells its reset', () => {
    // The window opens with the quickest request of three; the lag is the least of three delays: each 45 on average.
    const three = config({ limit: 3 }, { jitter: 20 });
    const mean = reachableTime(three, requests('GET', 4), { draws: 4000 });
    expect(Math.abs(mean - (45 + 1000 + 45 + 100))).toBeLessThan(1);
  });
});

describe('for any limits, without jitter,', () => {
  const limits = fc.record({
    limit: fc.integer({ min: 1, max: 8 }),
    period: fc.integer({ min: 1, max: 4000 }),
    window: fc.constantFrom('fixed' as const, 'sliding' as const),
  });
  const network = fc.record({ rtt: fc.integer({ max: 600, min: 0 }), globalLimit: fc.integer({ min: 1, max: 9 }) });
  const methods = fc.array(fc.constantFrom('GET', 'POST'), { minLength: 1, maxLength: 40 });

  test('it is no less than the omniscient optimum', () => {
    fc.assert(
      fc.property(limits, network, methods, (ofCounter, ofNetwork, sequence) => {
        const both = config(ofCounter, ofNetwork);
        const asked = sequence.map((method) => ({ method, path: '/channels/1/messages' }));
        expect(reachableTime(both, asked, { draws: 1 })).toBeGreaterThanOrEqual(leastTime(both, asked) - 1e-3);
      }),
    );
  });

  test('reads of a fixed counter that lasts longer than a round trip take (windows − 1) × (period + rtt) + rtt', () => {
    fc.assert(
      fc.property(limits, network, fc.integer({ min: 1, max: 40 }), ({ limit, period }, { rtt }, count) => {
        const time = reachableTime(config({ limit, period: period + rtt }, { rtt }), requests('GET', count), {
          draws: 1,
        });
        expect(time).toBeCloseTo((Math.ceil(count / limit) - 1) * (period + rtt + rtt) + rtt, 3);
      }),
    );
  });
});
