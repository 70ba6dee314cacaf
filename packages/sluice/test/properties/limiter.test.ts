import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from './arbitraries.js';
import { play, queueOf, type Result } from './history.js';

/** Histories per property: thousands in all. A failing one is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) };

/** Checks that requests leave in order the first time; retries keep their place behind the requests in flight. */
function expectInOrder({ courses }: Result): void {
  const last = new Map<string, number>();
  const departed = courses.filter(({ departures }) => departures.length > 0);
  for (const course of departed.sort((a, b) => Number(a.departures[0]) - Number(b.departures[0]))) {
    // Higher priorities may overtake lower ones, so each is checked separately.
    const queue = `${queueOf(course)} ${course.planned.priority}`;
    expect(course.mark).toBeGreaterThan(last.get(queue) ?? -1);
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

/** Checks that every slot is back long after the last request, in each bucket and in the global limit. */
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
  it('no request is refused or overtaken, all are answered, and no timer or bucket is left', async () => {
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

  it('the same holds when requests and answers are lost, connections refused, and requests aborted', async () => {
    const fates = ['answer lost', 'request lost', 'refused to connect', 'aborted'] as const;
    await fc.assert(
      fc.asyncProperty(history(fates), async (planned) => {
        const result = await play(planned);
        // A lost answer may have been the only one that could have shown its window.
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

describe('histories that once failed', () => {
  it('answers of one instant do not prove that routes count separately: the first to leave counts first', async () => {
    const path = '/guilds/100000000000000001/members/200000000000000001/roles/200000000000000001';
    const request = { path, at: 0, authorization: 'Bot one', delayOut: 0, delayBack: 0, patience: 0 } as const;
    const { model } = await play({
      model: {
        routes: [
          {
            methods: ['PUT', 'DELETE'],
            path: '/guilds/{guild}/members/{user}/roles/{role}',
            bucket: 'roles',
            limit: 3,
            period: 50,
            window: 'fixed',
          },
        ],
        globalLimit: 50,
      },
      concurrency: 'parallel',
      requests: [
        { ...request, method: 'PUT', fate: 'answered' },
        { ...request, method: 'PUT', fate: 'answered', delayBack: 20 },
        { ...request, method: 'DELETE', fate: 'answered' },
        { ...request, method: 'PUT', fate: 'answered' },
      ],
    });
    expect(model.statistics().refused.user).toBe(0);
  });
});
