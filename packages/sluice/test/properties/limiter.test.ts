import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from './arbitraries.js';
import { play, queueOf, type Result } from './history.js';

/** Histories per property: thousands in all. A failing one is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) };

function expectInOrder({ courses }: Result): void {
  const last = new Map<string, number>();
  const departures = courses.flatMap((course) => course.departures.map((departure) => ({ course, departure })));
  for (const { course } of departures.sort((a, b) => a.departure - b.departure)) {
    // Higher priorities may overtake lower ones, so each is looked at by itself.
    const queue = `${queueOf(course)} ${course.planned.priority}`;
    expect(course.mark).toBeGreaterThanOrEqual(last.get(queue) ?? -1);
    last.set(queue, course.mark);
  }
}

function expectAllEnded({ courses, manager, clock }: Result): void {
  expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  for (const [, bucket] of manager.realHashesToBuckets) {
    expect({ name: bucket.name, queued: bucket.queueSize, inFlight: bucket.inFlight }).toMatchObject({
      queued: 0,
      inFlight: 0,
    });
  }
  expect(clock.pendingTimers).toBe(0);
}

/** Every slot is given back: long after the last request, each bucket has all of its limit, and so has the global one. */
function expectSlotsConserved({ manager, clock }: Result): void {
  const later = clock.now() + 60_000;
  for (const [, bucket] of manager.realHashesToBuckets) expect(bucket.isRateLimited(later)).toBe(false);
}

function expectNothingLeft({ manager, clock }: Result): void {
  manager.doGCPass(0);
  manager.close();
  expect(manager.realHashesToBuckets.size).toBe(0);
  expect(clock.pendingTimers).toBe(0);
}

describe('for any delays, jitter and reordering', () => {
  it('nothing is refused, nothing overtakes, all is answered, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(history(), async (planned) => {
        const result = await play(planned);
        expect(result.model.statistics().refused).toMatchObject({ user: 0, global: 0 });
        expectInOrder(result);
        expectAllEnded(result);
        expect(result.courses.every(({ outcome }) => outcome === 'ok')).toBe(true);
        expectSlotsConserved(result);
        expectNothingLeft(result);
      }),
      RUNS,
    );
  });

  it('nor when answers and requests are lost, connections are refused, and callers give up', async () => {
    const fates = ['answer lost', 'request lost', 'refused to connect', 'aborted'] as const;
    await fc.assert(
      fc.asyncProperty(history(fates), async (planned) => {
        const result = await play(planned);
        // A lost answer may have been the only one that could have told of its window.
        expect(result.avoidableRefusals).toBe(0);
        expect(result.model.statistics().refused.global).toBe(0);
        expectInOrder(result);
        expectAllEnded(result);
        expectSlotsConserved(result);
        expectNothingLeft(result);
      }),
      RUNS,
    );
  });
});
