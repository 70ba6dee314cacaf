import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { history } from '../../../sluice/test/properties/arbitraries.js';
import { type History, play, queueOf, type Result } from '../../../sluice/test/properties/history.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';
import { fleetStage, type RedisDelays, VirtualRedisPool } from './virtual-fleet.js';

/** Histories per property. A failing one is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 150) };

let server: RedisServer;
let pool: VirtualRedisPool;
beforeAll(async () => {
  server = await startRedisServer();
  pool = new VirtualRedisPool(server.url);
});
afterAll(async () => {
  pool.close();
  await server.stop();
});

const delays: fc.Arbitrary<RedisDelays> = fc.record({
  there: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  news: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
});

interface FleetHistory extends History {
  readonly delays: readonly RedisDelays[];
}

/** A history whose requests are those of one to four processes. */
function fleetHistory(...parameters: Parameters<typeof history>): fc.Arbitrary<FleetHistory> {
  return fc.array(delays, { minLength: 1, maxLength: 4 }).chain((fleet) =>
    history(...parameters).chain((planned) =>
      fc
        .array(fc.nat(fleet.length - 1), { minLength: planned.requests.length, maxLength: planned.requests.length })
        .map((processes) => ({
          ...planned,
          delays: fleet,
          requests: planned.requests.map((request, index) => ({ ...request, process: processes[index] as number })),
        })),
    ),
  );
}

function playFleet(planned: FleetHistory): Promise<Result> {
  return pool.with((redis) => play(planned, fleetStage(redis, planned, planned.delays)));
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
      fc.asyncProperty(fleetHistory(), async (planned) => {
        const result = await playFleet(planned);
        expect(result.model.statistics().refused).toMatchObject({ user: 0, global: 0 });
        expect(result.courses.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'ok')).toEqual([]);
        expectInOrder(result);
      }),
      RUNS,
    );
  });

  it('nor when answers and requests are lost, connections are refused, and callers give up', async () => {
    const fates = ['answer lost', 'request lost', 'refused to connect', 'aborted'] as const;
    await fc.assert(
      fc.asyncProperty(fleetHistory(fates), async (planned) => {
        const result = await playFleet(planned);
        expect(result.avoidableRefusals).toBe(0);
        expect(result.model.statistics().refused.global).toBe(0);
        expect(result.courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
        expectInOrder(result);
      }),
      RUNS,
    );
  });
});
