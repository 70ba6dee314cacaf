import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WAIT } from '../../src/rules/headers.js';
import { play, queueOf, type Result } from './history.js';
import { mixture, surprises } from './mixtures.js';

/** Histories in CI: with those of limiter.test.ts, more than 20,000. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) * 8 };

function expectAllEnded({ courses, manager, clock }: Result): void {
  expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  for (const [, bucket] of manager.realHashesToBuckets) {
    expect({ queued: bucket.queueSize, inFlight: bucket.inFlight }).toEqual({ queued: 0, inFlight: 0 });
    // Malformed headers may give any reset that is still plausible.
    expect(bucket.isRateLimited(clock.now() + MAX_WAIT + 3_600_000)).toBe(false);
  }
  manager.close();
  expect(clock.pendingTimers).toBe(0);
}

/** Checks that requests with the same fields leave in order the first time; others may pass them. */
function expectInOrder({ courses }: Result): void {
  const last = new Map<string, number>();
  for (const course of [...courses].sort((a, b) => (a.departures[0] ?? 0) - (b.departures[0] ?? 0))) {
    if (course.departures.length === 0) continue;
    const line = `${queueOf(course)} ${Object.keys(course.planned.body as object)}`;
    expect(course.mark).toBeGreaterThan(last.get(line) ?? -1);
    last.set(line, course.mark);
  }
}

describe('mixtures of all limits and faults', () => {
  it('never hang, never break the order, never lose a slot, and never send during a known hold', async () => {
    await fc.assert(
      fc.asyncProperty(mixture('drop', 'refuse', 'reset', 'stall', 'malformed'), async (planned) => {
        const result = await play(planned);
        expectInOrder(result);
        expect(result.sentIntoHold).toBe(0);
        expectAllEnded(result);
        const { refused, refusedUnseen } = result.model.statistics();
        const { user, subLimit, hidden } = surprises(planned, result);
        expect(refused.user).toBeLessThanOrEqual(user);
        expect(refused.global).toBe(0);
        expect(refusedUnseen.subLimit).toBeLessThanOrEqual(subLimit);
        expect(refusedUnseen.hidden).toBeLessThanOrEqual(hidden);
      }),
      RUNS,
    );
  });
});
