import type { RouteRule } from '@sluice/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type History, type PlannedRequest, play } from './history.js';

const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) / 4 };
const PATH = '/channels/100000000000000001/messages';

/** The precision of headers and of the timers of a clock that counts whole milliseconds, per window. */
const SLACK = 2;

interface Line {
  readonly rule: Pick<Extract<RouteRule, { limit: number }>, 'limit' | 'period' | 'window'>;
  readonly count: number;
  readonly delayOut: number;
  readonly delayBack: number;
}

/** Many requests for one counter at once, over a network of constant delay. */
function lineHistory({ rule, count, delayOut, delayBack }: Line): History {
  const request: PlannedRequest = {
    at: 0,
    method: 'GET',
    path: PATH,
    delayOut,
    delayBack,
    fate: 'answered',
    patience: 0,
  };
  return {
    model: {
      routes: [{ methods: ['GET'], path: '/channels/{channel}/messages', bucket: 'hash', ...rule }],
      globalLimit: null,
    },
    concurrency: 'parallel',
    requests: Array.from({ length: count }, () => request),
  };
}

const line = (window: 'fixed' | 'sliding', least: fc.Arbitrary<number>): fc.Arbitrary<Line> =>
  fc.record({
    rule: fc.record({ limit: least, period: fc.integer({ min: 500, max: 10_000 }), window: fc.constant(window) }),
    count: fc.integer({ min: 1, max: 60 }),
    delayOut: fc.integer({ min: 0, max: 150 }),
    delayBack: fc.integer({ min: 0, max: 150 }),
  });

describe('work conservation: the requests of one counter leave as fast as is known to be safe', () => {
  it('fixed: each window takes its period and one round trip, after the first answer', async () => {
    await fc.assert(
      fc.asyncProperty(line('fixed', fc.integer({ min: 1, max: 20 })), async (planned) => {
        const { rule, count, delayOut, delayBack } = planned;
        const { drainedAt, model } = await play(lineHistory(planned));
        const roundTrip = delayOut + delayBack;
        const windows = Math.ceil(count / rule.limit);
        // The window opens when the first request arrives; its answer is here a round trip after it left.
        const reachable = (windows - 1) * (rule.period + roundTrip + SLACK) + 2 * roundTrip;
        expect(drainedAt).toBeLessThanOrEqual(reachable);
        expect(model.statistics().refused.user).toBe(0);
      }),
      RUNS,
    );
  });

  it('sliding: the counter is never idle while requests wait', async () => {
    await fc.assert(
      fc.asyncProperty(line('sliding', fc.integer({ min: 3, max: 20 })), async (planned) => {
        const { rule, count, delayOut, delayBack } = planned;
        const unit = rule.period / rule.limit;
        const roundTrip = delayOut + delayBack;
        // If a round trip takes longer than a full window drains, the counter must be idle at times.
        fc.pre(roundTrip + 10 < (rule.limit - 2) * unit);
        const { drainedAt, model } = await play(lineHistory(planned));
        const omniscient = Math.max(0, count - rule.limit) * unit + roundTrip;
        expect(drainedAt).toBeLessThanOrEqual(omniscient + 2 * roundTrip + unit + SLACK * count);
        expect(model.statistics().refused.user).toBe(0);
      }),
      RUNS,
    );
  });

  it('without limits: all requests leave together after the first answer', async () => {
    const { drainedAt } = await play({
      ...lineHistory({ rule: { limit: 1, period: 1, window: 'fixed' }, count: 100, delayOut: 40, delayBack: 60 }),
      model: { routes: [{ methods: ['GET'], path: '/channels/{channel}/messages', bucket: null }], globalLimit: null },
    });
    expect(drainedAt).toBe(200);
  });

  it('global: each slot is used again one second after its answer', async () => {
    const history = lineHistory({
      rule: { limit: 1, period: 1, window: 'fixed' },
      count: 0,
      delayOut: 30,
      delayBack: 30,
    });
    const requests = Array.from({ length: 95 }, (_, index) => ({
      ...({ at: 0, method: 'GET', delayOut: 30, delayBack: 30, fate: 'answered', patience: 0 } as const),
      path: `/channels/${100000000000000000n + BigInt(index)}/messages`,
    }));
    const result = await play({ ...history, model: { ...history.model, globalLimit: 10 }, requests });
    expect(result.drainedAt).toBe(9 * 1_060 + 60);
    expect(result.model.statistics().refused).toEqual({ user: 0, global: 0 });
  });
});
