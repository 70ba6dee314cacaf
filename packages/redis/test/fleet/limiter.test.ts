import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { history } from '../../../sluice/test/properties/arbitraries.js';
import { type Fate, play, queueOf, type Result } from '../../../sluice/test/properties/history.js';
import { type FleetHistory, fleetOf } from './arbitraries.js';
import { fleetStage, virtualRedisPool } from './virtual-fleet.js';

/** Histories per property. A failing one is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 150) };

const pool = virtualRedisPool();

/** So rare that whoever waits for one is late. */
const HEARTBEAT = 1_200_000;

const FATES: Fate[] = ['answer lost', 'request lost', 'refused to connect', 'aborted'];
const PROCESSES = { minLength: 1, maxLength: 4 };

function playFleet(planned: FleetHistory, lease?: number): Promise<Result> {
  return pool().with((redis) => play(planned, fleetStage(redis, planned, planned.delays, lease)));
}

/** In each process, requests of one queue first leave in the order in which they were asked for. */
function expectInOrder({ courses }: Result): void {
  const last = new Map<string, number>();
  const departed = courses.filter(({ departures }) => departures.length > 0);
  for (const course of departed.sort((a, b) => Number(a.departures[0]) - Number(b.departures[0]))) {
    const queue = `${course.planned.process} ${queueOf(course)} ${course.planned.priority}`;
    expect(course.mark).toBeGreaterThan(last.get(queue) ?? -1);
    last.set(queue, course.mark);
  }
}

describe('for any delays, jitter and reordering, to Discord and to Redis', () => {
  it('no request of any process is refused, nothing overtakes, and all is answered', async () => {
    await fc.assert(
      fc.asyncProperty(fleetOf(PROCESSES, history()), async (planned) => {
        const result = await playFleet(planned);
        expect(result.model.statistics().refused).toMatchObject({ user: 0, global: 0 });
        expect(result.courses.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'ok')).toEqual([]);
        expectInOrder(result);
      }),
      RUNS,
    );
  });

  it('nor when answers and requests are lost, connections are refused, and callers give up', async () => {
    await fc.assert(
      fc.asyncProperty(fleetOf(PROCESSES, history(FATES)), async (planned) => {
        const result = await playFleet(planned);
        expect(result.avoidableRefusals).toBe(0);
        expect(result.model.statistics().refused.global).toBe(0);
        expect(result.courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
        expectInOrder(result);
      }),
      RUNS,
    );
  });

  it.each([[[]], [FATES]])('and nobody waits for a heartbeat where others could have told: %j', async (fates) => {
    await fc.assert(
      fc.asyncProperty(fleetOf(PROCESSES, history(fates)), async (planned) => {
        const alone = await play(planned);
        const { courses, drainedAt } = await playFleet(planned, 3 * HEARTBEAT);
        expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
        expect(drainedAt).toBeLessThan(alone.drainedAt + HEARTBEAT / 4);
      }),
      RUNS,
    );
  });
});
