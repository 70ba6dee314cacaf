import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { play, type Result } from '../../../sluice/test/properties/history.js';
import { mixture, surprises } from '../../../sluice/test/properties/mixtures.js';
import { fleetOf } from './arbitraries.js';
import { fleetStage, virtualRedisPool } from './virtual-fleet.js';

/** A failing history is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 100) };

/** Heartbeats are so rare that whoever waits for one is late. */
const LEASE = 3_600_000;
const PROCESSES = { minLength: 2, maxLength: 4 };
/** Malformed headers tell of resets days away, which are as many heartbeats in every process. */
const FAULTS = ['drop', 'refuse', 'reset', 'stall'] as const;

const pool = virtualRedisPool();

function expectAllEnded({ courses, managers }: Result & { managers: ReturnType<typeof fleetStage>['managers'] }): void {
  expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  for (const manager of managers) {
    for (const [, bucket] of manager.realHashesToBuckets) {
      expect({ queued: bucket.queueSize, inFlight: bucket.inFlight }).toEqual({ queued: 0, inFlight: 0 });
    }
  }
}

describe('mixtures of all limits and faults, in several processes', () => {
  it('never hang, never lose a slot, and are refused no more often than each process may be surprised', async () => {
    await fc.assert(
      fc.asyncProperty(fleetOf(PROCESSES, mixture(...FAULTS)), async (planned) => {
        await pool().with(async (redis) => {
          const stage = fleetStage(redis, planned, planned.delays, LEASE);
          const result = await play(planned, stage);
          expectAllEnded({ ...result, managers: stage.managers });
          const { refused, refusedUnseen } = result.model.statistics();
          const { user, subLimit, hidden } = surprises(planned, result, planned.delays.length);
          expect(refused.user).toBeLessThanOrEqual(user);
          expect(refused.global).toBe(0);
          expect(refusedUnseen.subLimit).toBeLessThanOrEqual(subLimit);
          expect(refusedUnseen.hidden).toBeLessThanOrEqual(hidden);
          const alone = await play(planned);
          expect(result.drainedAt).toBeLessThan(alone.drainedAt + LEASE / 12);
        });
      }),
      RUNS,
    );
  });
});
