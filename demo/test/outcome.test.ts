import { DiscordModel, parseModelConfig } from '@sluice/simulator';
import { describe, expect, it } from 'vitest';
import { startUpBurst } from '../src/burst.js';
import { table } from '../src/display.js';
import { isFlawless, outcomeOf } from '../src/outcome.js';

const statistics = new DiscordModel(parseModelConfig(), { epoch: 0 }).statistics();

describe('the burst', () => {
  it('has at least 300 requests, all of which the simulator knows', () => {
    const burst = startUpBurst();
    expect(burst.length).toBeGreaterThanOrEqual(300);
    const model = new DiscordModel(parseModelConfig({ globalLimit: null }), { epoch: 1_700_000_000_000 });
    for (const { method, path } of burst) model.receive({ method, path, authorization: 'Bot a' }, 0);
    expect(model.statistics().unknownRoutes).toBe(0);
  });
});

describe('the outcome', () => {
  const result = { requests: 400, answered: 400, drainMs: 7_400.4 };

  it('compares the time taken with the least time possible', () => {
    const outcome = outcomeOf(result, statistics, 7_060);
    expect(outcome).toEqual({
      requests: 400,
      ok: 400,
      status429: 0,
      reordered: 0,
      drainMs: 7_400,
      optimumMs: 7_060,
      ratio: 1.048,
    });
    expect(isFlawless(outcome)).toBe(true);
    expect(table(outcome)).toContain('ratio                    1.048');
  });

  it('has a flaw when a request failed, was refused, or arrived out of order', () => {
    expect(isFlawless(outcomeOf({ ...result, answered: 399 }, statistics, 7_060))).toBe(false);
    expect(isFlawless(outcomeOf(result, { ...statistics, refused: { user: 1, global: 0 } }, 7_060))).toBe(false);
    expect(isFlawless(outcomeOf(result, { ...statistics, reordered: 1 }, 7_060))).toBe(false);
  });
});
