import type { ModelConfig, RouteRule } from '@sluice/simulator';
import { afterAll, describe, expect, it } from 'vitest';
import { type FleetPlan, type FleetResult, playThrough, type Seen, send, times } from './directed-fleet.js';
import { type RedisDelays, virtualRedisPool } from './virtual-fleet.js';

const pool = virtualRedisPool();
const rows: string[] = [];
afterAll(() => {
  const head =
    '| queue | exchanges per request | besides heartbeats | lead, of one turn |\n| --- | --- | --- | --- |\n';
  process.stdout.write(`\n${head}${rows.join('\n')}\n`);
});

/** Length of a window. */
const PERIOD = 2_000;
/** When a process that waits is late. */
const LATE = 3 * PERIOD + 100;
/** As often as this a process is heard of, whether it has something to tell or not. */
const HEARTBEAT = 10_000 / 3;

const NEAR: RedisDelays = { there: 1, back: 1, news: 1 };

const CHANNEL = '100000000000000001';
const READ = ['GET', `/channels/${CHANNEL}/messages`] as const;

function bucket(limit: number, period: number, window: 'fixed' | 'sliding'): ModelConfig {
  const rule = { methods: ['GET'], path: '/channels/{channel}/messages', bucket: 'reads', limit, period, window };
  return { routes: [rule], globalLimit: null };
}

/** What a test measures of a fleet. */
interface Measured extends FleetResult {
  /** Exchanges for each request, besides heartbeats and those with which a process joins. */
  readonly exchanges: number;
  /** By how much one process was ahead of another at most, from when all shared. */
  readonly lead: number;
  readonly turn: number;
}

interface Contest {
  readonly name: string;
  readonly plan: FleetPlan;
  /** Requests of all processes in one window. */
  readonly limit: number;
  /** From when on all share. */
  readonly since: number;
}

async function measure({ name, plan, limit, since }: Contest): Promise<Measured> {
  return pool().with(async (redis) => {
    const result = await playThrough(redis, NEAR, plan);
    const { processes, requests } = plan;
    const idle = processes * (2 + result.drainedAt / HEARTBEAT);
    const exchanges = (redis.calls - idle) / requests.length;
    const arrivals = result.arrivals.filter(({ time }) => time >= since);
    const lead = greatestLead(arrivals, processes);
    const turn = Math.ceil(limit / processes);
    rows.push(
      `| ${name} | ${(redis.calls / requests.length).toFixed(2)} | ${exchanges.toFixed(2)} | ${lead} of ${turn} |`,
    );
    return { ...result, exchanges, lead, turn };
  });
}

/** By how much one process was ahead of another at most, as long as each had something to send. */
function greatestLead(arrivals: readonly Seen[], processes: number): number {
  const left = new Array<number>(processes).fill(0);
  for (const { process } of arrivals) left[process] = (left[process] ?? 0) + 1;
  const had = new Array<number>(processes).fill(0);
  let lead = 0;
  for (const { process } of arrivals) {
    had[process] = (had[process] ?? 0) + 1;
    lead = Math.max(lead, Math.max(...had) - Math.min(...had));
    if (had[process] === left[process]) break;
  }
  return lead;
}

/** A turn, what the last one's lacks of it at the end of a window, and the request that finds out about the bucket. */
function mostLead(limit: number, processes: number): number {
  const turn = Math.ceil(limit / processes);
  return turn + Math.min(turn - 1, turn * processes - limit) + 1;
}

function expectAllSent({ arrivals, courses }: FleetResult): void {
  expect(arrivals.filter(({ verdict }) => verdict !== 'admitted')).toEqual([]);
  expect(courses.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
}

/** Each process asks for so many requests at once. */
function queues(processes: number, each: number): FleetPlan['requests'] {
  return times(processes * each, (index) => send(index % processes, 0, READ));
}

const WINDOWS = [
  { window: 'fixed', limit: 1 },
  { window: 'fixed', limit: 2 },
  { window: 'fixed', limit: 5 },
  { window: 'fixed', limit: 50 },
  { window: 'sliding', limit: 1 },
  { window: 'sliding', limit: 2 },
  { window: 'sliding', limit: 5 },
  { window: 'sliding', limit: 50 },
] as const;

describe.each(WINDOWS)('one bucket, $window, $limit in a window', ({ window, limit }) => {
  const windows = limit > 10 ? 8 : 20;

  // The store hears of fewer answers than the process, and knows the unit of a window of many a bit less well.
  const most = window === 'sliding' && limit > 10 ? 2 : 1.2;

  it(`takes less than ${most} exchanges for each request of a process that is alone`, async () => {
    const plan = { model: bucket(limit, PERIOD, window), processes: 1, requests: queues(1, windows * limit) };
    const result = await measure({ name: `${window} ${limit}, alone`, limit, since: 0, plan });
    expectAllSent(result);
    expect(result.exchanges).toBeLessThan(most);
  });

  it.each([2, 3, 4])('gives %i processes that wait equal shares from the first window on', async (processes) => {
    const each = Math.ceil((windows * limit) / processes);
    const plan = { model: bucket(limit, PERIOD, window), processes, requests: queues(processes, each) };
    const name = `${window} ${limit}, ${processes} processes`;
    const result = await measure({ name, limit, since: 0, plan });
    expectAllSent(result);
    expect(result.exchanges).toBeLessThan(2);
    expect(result.lead).toBeLessThanOrEqual(mostLead(limit, processes));
  });

  it('gives one that comes late its share soon', async () => {
    const requests = [...queues(3, 5 * limit), ...times(5 * limit, () => send(3, LATE, READ))];
    const plan = { model: bucket(limit, PERIOD, window), processes: 4, requests };
    const result = await measure({ name: `${window} ${limit}, one late`, limit, since: LATE, plan });
    expectAllSent(result);
    expect(result.exchanges).toBeLessThan(2);
    expect(result.lead).toBeLessThanOrEqual(mostLead(limit, 4));
  });
});

/** By then, whoever came first has given up what it took while it was alone. */
const SETTLED = 2_000;

const RENAME = ['PATCH', `/channels/${CHANNEL}`] as const;

describe.each([1, 2, 3])('a limit on a field, %i in a period', (limit) => {
  const subLimits = [{ fields: ['name'], limit, period: PERIOD }];
  const rule = { methods: ['PATCH'], path: '/channels/{channel}', bucket: 'update', limit: 50, period: 500, subLimits };
  const model: ModelConfig = { routes: [{ ...rule, window: 'fixed' }], globalLimit: null };
  const rename = (process: number, at: number) => send(process, at, RENAME, { body: { name: 'x' } });

  it.each([2, 3])('gives %i processes that wait equal shares, once it is known', async (processes) => {
    const known = 3 * PERIOD;
    const teaching = times(limit + 1, () => rename(0, 0));
    const requests = [...teaching, ...times(8 * limit, (index) => rename(index % processes, known))];
    const name = `${limit} renames, ${processes} processes`;
    const result = await measure({ name, limit, since: known, plan: { processes, model, requests } });
    expect(result.arrivals.filter(({ verdict }) => verdict !== 'admitted')).toHaveLength(1);
    // The first that asks is alone yet, and takes all.
    expect(result.lead).toBeLessThanOrEqual(limit + result.turn);
    expect(result.drainedAt).toBeLessThan(known + 8 * (PERIOD + 100));
  });
});

const UNLIMITED: RouteRule = { methods: ['GET'], path: '/channels/{channel}/messages', bucket: null };

const GLOBAL = [
  { globalLimit: 2, processes: 2 },
  { globalLimit: 2, processes: 4 },
  { globalLimit: 5, processes: 2 },
  { globalLimit: 5, processes: 4 },
  { globalLimit: 50, processes: 3 },
];

describe.each(GLOBAL)('a global limit of $globalLimit, $processes processes', ({ globalLimit, processes }) => {
  const model: ModelConfig = { routes: [UNLIMITED], globalLimit };

  it('gives those that wait equal shares', async () => {
    const requests = queues(processes, Math.ceil((12 * globalLimit) / processes));
    const name = `global ${globalLimit}, ${processes} processes`;
    const result = await measure({ name, limit: globalLimit, since: SETTLED, plan: { processes, model, requests } });
    expectAllSent(result);
    expect(result.exchanges).toBeLessThan(2);
    expect(result.lead).toBeLessThanOrEqual(result.turn + 1);
  });

  it('gives one that comes late its share soon', async () => {
    const late = 3_100;
    const requests = [
      ...queues(processes - 1, 10 * globalLimit),
      ...times(5 * globalLimit, () => send(processes - 1, late, READ)),
    ];
    const name = `global ${globalLimit}, one of ${processes} late`;
    const plan = { processes, model, requests };
    const result = await measure({ name, limit: globalLimit, since: late + SETTLED, plan });
    expectAllSent(result);
    expect(result.exchanges).toBeLessThan(2);
    expect(result.lead).toBeLessThanOrEqual(result.turn + 1);
  });
});

it('leaves slots that a process has and does not use to one that wants them', async () => {
  const model: ModelConfig = { routes: [UNLIMITED], globalLimit: 50 };
  const now = 2_500;
  const requests = [
    ...times(50, () => send(0, 0, READ)),
    ...times(20, (index) => send(0, 1_500 + index * 100, READ)),
    ...times(80, () => send(1, now, READ)),
  ];
  const plan = { processes: 2, model, requests };
  const result = await measure({ name: 'global 50, one seldom sends', limit: 50, since: now, plan });
  expectAllSent(result);
  const [first = 0, last = 0] = [0, 79].map(
    (index) => result.arrivals.filter(({ process }) => process === 1)[index]?.time,
  );
  expect(first).toBeLessThan(now + 100);
  expect(last).toBeLessThan(now + 2_000);
});
