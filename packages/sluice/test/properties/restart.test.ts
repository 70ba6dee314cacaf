import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from './arbitraries.js';
import { RestartPlayer } from './restarts.js';

const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) };

const restart = fc.record({
  at: fc.integer({ min: 0, max: 9_000 }),
  downtime: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 60_000 })),
  // A new process has a clock near zero, so that earlier events are at negative instants.
  clockStart: fc.constantFrom(50, 9_000_000),
});

describe('a bot that restarts at any instant', () => {
  it('continues its partly used windows: no request is refused that could have been held', async () => {
    await fc.assert(
      fc.asyncProperty(history(), fc.array(restart, { minLength: 1, maxLength: 3 }), async (planned, restarts) => {
        const result = await new RestartPlayer(planned).play(restarts);
        expect(result.avoidableRefusals).toBe(0);
        expect(result.model.statistics().refused.global).toBe(0);
        expect(result.errors).toEqual([]);
        expect(result.sent).toBeGreaterThanOrEqual(planned.requests.length);
      }),
      RUNS,
    );
  });
});
