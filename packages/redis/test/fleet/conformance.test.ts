import fc from 'fast-check';
import { expect, it } from 'vitest';
import { history } from '../../../sluice/test/properties/arbitraries.js';
import { type Course, type Fate, type History, play } from '../../../sluice/test/properties/history.js';
import { fleetStage, virtualRedisPool } from './virtual-fleet.js';

const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 250) };

const LEASE = 60_000;
/** As often as this a process is heard of, and asks again if it has missed what it was to be told. */
const HEARTBEAT = LEASE / 3;

/**
 * By how much a request may end earlier or later through Redis. Redis counts in whole ms, later rather than earlier, and
 * learns the unit of a sliding window from the same answers in another order; a short window may be missed or met by that,
 * and with it the answers to slow requests. What waited for a heartbeat where it should have been woken is later than that.
 */
function tolerance(time: number): number {
  return HEARTBEAT / 4 + time / 10;
}

const pool = virtualRedisPool();

/** What can be told of a request from outside. */
function decisionOf({ outcome, departures, mark }: Course): object {
  return { mark, outcome, sent: departures.length };
}

/** Through Redis, a decision takes a moment, in which a request of higher priority may come that would come too late. */
function withoutPriorities(planned: History): History {
  return { ...planned, requests: planned.requests.map((request) => ({ ...request, priority: 0 })) };
}

async function playBoth(planned: History) {
  const local = await play(planned);
  const shared = await pool().with((redis) =>
    play(planned, fleetStage(redis, planned, [{ there: 0, back: 0, news: 0 }], LEASE)),
  );
  return { local, shared };
}

/** A global limit that never binds: which of several buckets is first to have a slot is a matter of luck. */
function withoutGlobalLimit(planned: History): History {
  return { ...planned, model: { ...planned.model, globalLimit: 50 } };
}

const histories: [string, Fate[]][] = [
  ['all is answered', []],
  ['answers are lost and connections refused', ['answer lost', 'refused to connect']],
];

function expectSameTime(index: number, alone: number, shared: number): void {
  const excess = Math.max(0, Math.abs(shared - alone) - tolerance(alone));
  expect({ index, alone, shared, excess }).toEqual({ index, alone, shared, excess: 0 });
}

it.each(histories)('one process decides through Redis as it does alone: %s', async (_, fates) => {
  await fc.assert(
    fc.asyncProperty(history(fates).map(withoutPriorities).map(withoutGlobalLimit), async (planned) => {
      const { local, shared } = await playBoth(planned);
      expect(shared.courses.map(decisionOf)).toEqual(local.courses.map(decisionOf));
      expect(shared.model.statistics().refused).toEqual(local.model.statistics().refused);
      for (const [index, { endedAt }] of shared.courses.entries()) {
        expectSameTime(index, Number(local.courses[index]?.endedAt), Number(endedAt));
      }
    }),
    RUNS,
  );
});

it.each(histories)('under a global limit, all is done as soon: %s', async (_, fates) => {
  await fc.assert(
    fc.asyncProperty(history(fates).map(withoutPriorities), async (planned) => {
      const { local, shared } = await playBoth(planned);
      expectSameTime(-1, local.drainedAt, shared.drainedAt);
    }),
    RUNS,
  );
});
