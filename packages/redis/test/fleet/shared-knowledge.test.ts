import type { LimitedRule, ModelConfig, RouteRule } from '@sluice/simulator';
import { describe, expect, it } from 'vitest';
import type { RESTBucketManager } from '../../../sluice/src/manager/rest-bucket-manager.js';
import { Route } from '../../../sluice/src/routes/route.js';
import {
  DELAY,
  type FleetPlan,
  type FleetResult,
  playAlone,
  playShared,
  ROUND_TRIP,
  type Seen,
  send,
  times,
} from './directed-fleet.js';
import { type RedisDelays, virtualRedisPool } from './virtual-fleet.js';

const pool = virtualRedisPool();

/** Redis in the next rack, and one that is as far away as Discord. */
const NEAR: RedisDelays = { there: 1, back: 1, news: 1 };
const DISTANCES: [string, RedisDelays][] = [
  ['near', NEAR],
  ['far', { there: 20, back: 20, news: 50 }],
];

/**
 * How long after it was asked for a request that nothing holds is at the server, in ms: exchanges find the hash, ask
 * for the bucket, tell another process that it is wanted, and come of its answer.
 */
function soonAt({ there, back, news }: RedisDelays): number {
  return DELAY + 6 * (there + back) + 2 * news + 20;
}

const CHANNEL = '100000000000000001';
const MESSAGES = `/channels/${CHANNEL}/messages`;
const READ = ['GET', MESSAGES] as const;
const PINS = ['GET', `/channels/${CHANNEL}/pins`] as const;
const POST = ['POST', MESSAGES] as const;
const EDIT = ['PATCH', `${MESSAGES}/200000000000000001`] as const;
const OTHER_EDIT = ['PATCH', `${MESSAGES}/200000000000000002`] as const;
const UPDATE = ['PATCH', `/channels/${CHANNEL}`] as const;
const WEBHOOK_ID = '300000000000000001';
const WEBHOOK = ['POST', `/webhooks/${WEBHOOK_ID}/${'w'.repeat(68)}`] as const;

/** One thing that a process learns, and how the others show that they know it, too. */
interface Lesson {
  readonly name: string;
  readonly plan: FleetPlan;
  /** @param soon How long what nothing holds takes to the server. */
  judge(result: FleetResult, soon: number): void;
}

function rule(method: string, path: string, bucket: string, limit: number, period: number): LimitedRule {
  return { methods: [method], path, bucket, limit, period, window: 'fixed' };
}

function model(routes: readonly RouteRule[], more: Partial<ModelConfig> = {}): ModelConfig {
  return { routes, globalLimit: null, ...more };
}

const READS = rule('GET', '/channels/{channel}/messages', 'reads', 5, 5_000);
const PIN_READS = { ...READS, path: '/channels/{channel}/pins' };
const POSTS = rule('POST', '/channels/{channel}/messages', 'writes', 5, 5_000);
const EDITS = rule('PATCH', '/channels/{channel}/messages/{message}', 'writes', 5, 5_000);
const UPDATES = rule('PATCH', '/channels/{channel}', 'update', 50, 1_000);
const HOOKS = rule('POST', '/webhooks/{webhook}/{token}', 'hook', 5, 500);
const UNLIMITED: RouteRule = { methods: ['GET'], path: '/channels/{channel}/messages', bucket: null };

function of(process: number, { arrivals }: FleetResult): Seen[] {
  return arrivals.filter((arrival) => arrival.process === process);
}

/** All that the server ever refused. */
function expectRefused(result: FleetResult, expected: Partial<Record<Seen['verdict'], number>> = {}): void {
  const refused: Partial<Record<Seen['verdict'], number>> = {};
  for (const { verdict } of result.arrivals) {
    if (verdict !== 'admitted') refused[verdict] = (refused[verdict] ?? 0) + 1;
  }
  expect(refused).toEqual(expected);
}

/** All arrive as soon as they can after `at`. */
function expectSoon(arrivals: readonly Seen[], at: number, soon: number): void {
  for (const { time } of arrivals) {
    expect(time).toBeGreaterThanOrEqual(at);
    expect(time).toBeLessThan(at + soon);
  }
}

/** All arrive together, at once after `at`: none of them is a probe for whose answer the others wait. */
function expectTogether(arrivals: readonly Seen[], at: number, soon: number): void {
  expectSoon(arrivals, at, soon);
  const times = arrivals.map(({ time }) => time);
  expect(Math.max(...times) - Math.min(...times)).toBeLessThan(ROUND_TRIP);
}

function hashOf(manager: RESTBucketManager | undefined, [method, path]: readonly [string, string]): string | undefined {
  return manager?.getBucket(Route.match(method, path), { authorization: 'Bot a' }).name;
}

/** The others count on the window that one process has opened: neither refused, nor in need of a probe. */
const WINDOWS: Lesson[] = [
  {
    name: 'what is left of a fixed window',
    plan: {
      processes: 2,
      model: model([READS]),
      requests: [...times(3, () => send(0, 0, READ)), ...times(4, () => send(1, 2_000, READ))],
    },
    judge(result, soon) {
      expectRefused(result);
      expectSoon(of(1, result).slice(0, 2), 2_000, soon);
      expectTogether(of(1, result).slice(2), 5_000, ROUND_TRIP + soon);
    },
  },
  {
    name: 'what is left of a sliding window',
    plan: {
      processes: 2,
      model: model([{ ...READS, window: 'sliding' }]),
      requests: [...times(5, () => send(0, 0, READ)), ...times(2, () => send(1, 3_000, READ))],
    },
    judge(result, soon) {
      expectRefused(result);
      expectTogether(of(1, result), 3_000, soon);
    },
  },
  {
    name: 'when a window that is used up is full again',
    plan: {
      processes: 3,
      model: model([READS]),
      requests: [...times(5, () => send(0, 0, READ)), ...times(5, (index) => send(1 + (index % 2), 2_000, READ))],
    },
    judge(result, soon) {
      expectRefused(result);
      expectSoon(result.arrivals.slice(5), 5_000, ROUND_TRIP + soon);
    },
  },
];

const ROUTES: Lesson[] = [
  {
    name: 'the hashes of routes',
    plan: {
      processes: 2,
      model: model([READS, PIN_READS]),
      requests: [
        ...[READ, PINS].map((route) => send(0, 0, route)),
        ...[READ, PINS, READ].map((route) => send(1, 2_000, route)),
      ],
      // Before anything that it has sent can have been answered.
      deeds: [{ at: 2_050, run: ([, second]) => hashOf(second, READ) }],
    },
    judge(result, soon) {
      expectRefused(result);
      expectTogether(of(1, result), 2_000, soon);
      expect(result.notes).toEqual([expect.stringMatching(/^reads;/)]);
    },
  },
  {
    name: 'a hash that has changed',
    plan: {
      processes: 2,
      model: model([{ ...READS, changes: [{ at: 3_000, bucket: 'changed' }] }]),
      requests: [send(0, 0, READ), send(1, 1_000, READ), send(0, 4_000, READ), send(1, 5_000, READ)],
      deeds: [{ at: 4_900, run: ([, second]) => hashOf(second, READ) }],
    },
    judge(result) {
      expectRefused(result);
      expect(result.notes).toEqual([expect.stringMatching(/^changed;/)]);
    },
  },
  {
    name: 'a route without limits',
    plan: {
      processes: 2,
      model: model([UNLIMITED]),
      requests: [send(0, 0, READ), ...times(6, () => send(1, 1_000, READ))],
    },
    judge(result, soon) {
      expectRefused(result);
      expectTogether(of(1, result), 1_000, soon);
    },
  },
];

/** Routes of one hash that count apart; but one message's edits count with the posts, which looks like a change. */
const COUNTED_APART = model([
  { ...POSTS, counter: 'posts' },
  { ...EDITS, path: EDIT[1], counter: 'edits' },
  { ...EDITS, counter: 'posts' },
]);

/** One process finds out that they count apart. */
const FINDING_OUT = [send(0, 0, POST), send(0, 200, EDIT)];

const SHARING: Lesson[] = [
  {
    name: 'that routes of one hash count apart',
    plan: {
      processes: 2,
      model: COUNTED_APART,
      requests: [...FINDING_OUT, ...times(8, (index) => send(1, 1_000, index % 2 ? POST : EDIT))],
    },
    judge(result, soon) {
      expectRefused(result);
      expectTogether(of(1, result), 1_000, soon);
    },
  },
  {
    name: 'that routes of one hash count apart, to one that has used them together',
    plan: {
      processes: 2,
      model: COUNTED_APART,
      requests: [
        send(1, 0, POST),
        send(0, 300, POST),
        send(0, 600, EDIT),
        ...times(7, (index) => send(1, 1_000, index % 2 ? POST : EDIT)),
      ],
    },
    judge(result, soon) {
      expectRefused(result);
      expectTogether(of(1, result).slice(1), 1_000, soon);
    },
  },
  {
    name: 'that routes of one hash count together again',
    plan: {
      processes: 2,
      model: COUNTED_APART,
      requests: [
        ...FINDING_OUT,
        send(1, 1_000, EDIT),
        // One is refused, as the window is used up by then.
        ...times(5, () => send(0, 6_000, POST)),
        send(1, 7_000, OTHER_EDIT),
        ...times(5, () => send(0, 18_000, POST)),
        ...times(5, () => send(1, 18_000, OTHER_EDIT)),
      ],
    },
    judge(result, soon) {
      expectRefused(result, { user: 1 });
      expect(result.drainedAt).toBeLessThan(23_000 + 2 * ROUND_TRIP + soon);
    },
  },
  // What a process has only heard of from the others has to be doubted as much as what answers told it.
  {
    name: 'that routes of one hash count together again, found by one that knows of them from others',
    plan: {
      processes: 2,
      model: COUNTED_APART,
      requests: [...FINDING_OUT, ...times(5, () => send(0, 6_000, POST)), send(1, 7_000, OTHER_EDIT)],
      deeds: [{ at: 9_000, run: (managers) => managers.map((manager) => hashOf(manager, EDIT)) }],
    },
    judge(result) {
      expectRefused(result, { user: 1 });
      expect(result.notes).toEqual([times(2, () => expect.not.stringContaining(' '))]);
    },
  },
];

const RENAMES: LimitedRule = { ...UPDATES, subLimits: [{ fields: ['name'], limit: 2, period: 600_000 }] };
const rename = (process: number, at: number) => send(process, at, UPDATE, { body: { name: `${at}` } });
const move = (process: number, at: number) => send(process, at, UPDATE, { body: { position: at } });
const hook = (process: number, at: number) => send(process, at, WEBHOOK, { authorization: undefined });

const UNSEEN: Lesson[] = [
  {
    name: 'a limit on a field: refused once in all processes, and never again',
    plan: {
      processes: 3,
      model: model([RENAMES]),
      requests: [
        ...times(3, () => rename(0, 0)),
        rename(1, 5_000),
        move(1, 5_000),
        ...times(3, (process) => rename(process, 700_000)),
        move(2, 700_000),
        ...times(6, (index) => rename(index % 3, 3_000_000)),
      ],
    },
    judge(result, soon) {
      expectRefused(result, { 'sub-limit': 1 });
      expectTogether(of(1, result).slice(0, 1), 5_000, soon);
      expect(of(1, result)[1]?.time).toBeGreaterThan(600_000);
      expectTogether(of(2, result).slice(0, 1), 700_000, soon);
      expect(result.drainedAt).toBeLessThan(4_200_000 + 2_000);
    },
  },
  {
    name: 'a limit on a field, which holds nothing else that comes later',
    plan: {
      processes: 2,
      model: model([RENAMES]),
      requests: [...times(3, () => rename(0, 0)), rename(1, 5_000), move(1, 12_000)],
    },
    judge(result, soon) {
      expectRefused(result, { 'sub-limit': 1 });
      expectTogether(of(1, result).slice(0, 1), 12_000, soon);
      expect(of(1, result)[1]?.time).toBeGreaterThan(600_000);
    },
  },
  {
    name: 'a hidden limit',
    plan: {
      processes: 3,
      model: model([{ ...HOOKS, hidden: { limit: 10, period: 10_000 } }]),
      requests: [
        ...times(11, () => hook(0, 0)),
        ...times(5, () => hook(1, 3_000)),
        ...times(12, (index) => hook(index % 3, 30_000)),
      ],
    },
    judge(result) {
      expectRefused(result, { hidden: 1 });
      expect(of(1, result)[0]?.time).toBeGreaterThan(10_000);
    },
  },
  {
    name: 'the hold of a limit that others use, to who waits and to who comes',
    plan: {
      processes: 3,
      model: model([{ ...READS, shared: { limit: 5, period: 2_000, outside: [{ at: 0, count: 5 }] } }]),
      requests: [send(0, 0, READ), send(1, 10, READ), send(2, 500, READ)],
    },
    judge(result, soon) {
      expectRefused(result, { shared: 1 });
      expectSoon(result.arrivals.slice(1), 2_000, ROUND_TRIP + soon);
    },
  },
];

const GLOBAL: Lesson[] = [
  {
    name: 'a hold of everything that the caller asks for, to who was there and to who comes',
    plan: {
      processes: 3,
      model: model([UNLIMITED]),
      requests: [send(0, 0, READ), send(1, 0, READ), send(1, 1_000, READ), send(2, 1_000, READ)],
      deeds: [{ at: 500, run: ([first]) => first?.throttle(3_000, { authorization: 'Bot a' }) }],
    },
    judge(result, soon) {
      expectRefused(result);
      for (const { time } of result.arrivals.slice(2)) expect(time).toBeGreaterThanOrEqual(3_500);
      expect(result.drainedAt).toBeLessThan(3_500 + 2 * soon);
    },
  },
  {
    name: 'a refusal of the global limit, to who was there and to who comes',
    plan: {
      processes: 3,
      model: model([UNLIMITED], { globalLimit: 4 }),
      globalLimit: 50,
      requests: [
        send(0, 0, READ),
        send(1, 0, READ),
        ...times(5, () => send(0, 2_000, READ)),
        ...times(2, (process) => send(1 + process, 2_200, READ)),
      ],
    },
    judge(result, soon) {
      expectRefused(result, { global: 1 });
      expectSoon(result.arrivals.slice(-3), 3_000, ROUND_TRIP + soon);
    },
  },
];

const webhookRoute = { route: Route.match(...WEBHOOK) };

/** What is of no use any more, each asked for by three processes that know nothing of it. */
const LOCKS: Lesson[] = [
  {
    name: 'that an authorization is invalid, to who waits and to who comes',
    plan: {
      processes: 3,
      model: model([READS], { invalidTokens: ['Bot a'] }),
      requests: [send(0, 0, READ), send(1, 10, READ), send(2, 1_000, READ)],
    },
    judge(result) {
      expectRefused(result, { unauthorized: 1 });
      expect(result.courses.slice(1).map(({ error }) => error)).toMatchObject(
        times(2, () => ({ name: 'AuthorizationLockedError' })),
      );
    },
  },
  {
    name: 'that an authorization is unlocked',
    plan: {
      processes: 3,
      model: model([READS], { invalidTokens: ['Bot a'] }),
      requests: [send(0, 0, READ), send(1, 10, READ), send(2, 2_000, READ), send(0, 3_000, READ)],
      // Another one than that which has locked it.
      deeds: [{ at: 1_500, run: ([, second]) => second?.unlock({ authorization: 'Bot a' }) }],
    },
    judge(result) {
      // The first that is sent again locks it again.
      expect(result.notes).toEqual([true]);
      expect(result.arrivals.map(({ process }) => process)).toEqual([0, 2]);
    },
  },
  {
    name: 'that an authorization is unlocked, to who has found that it is invalid',
    plan: {
      processes: 2,
      model: model([READS], { invalidTokens: ['Bot a'] }),
      requests: [send(0, 0, READ), send(1, 500, READ), send(0, 2_000, READ)],
      deeds: [{ at: 1_500, run: ([, second]) => second?.unlock({ authorization: 'Bot a' }) }],
    },
    judge(result) {
      expect(result.arrivals.map(({ process }) => process)).toEqual([0, 0]);
    },
  },
  {
    name: 'that a webhook is gone, to who waits and to who comes',
    plan: {
      processes: 3,
      model: model([HOOKS], { deadWebhooks: [WEBHOOK_ID] }),
      requests: [hook(0, 0), hook(1, 10), hook(2, 1_000)],
    },
    judge(result) {
      expect(result.arrivals).toHaveLength(1);
      expect(result.courses.slice(1).map(({ error }) => error)).toMatchObject(
        times(2, () => ({ name: 'WebhookLockedError' })),
      );
    },
  },
  {
    name: 'that a webhook is unlocked',
    plan: {
      processes: 2,
      model: model([HOOKS], { deadWebhooks: [WEBHOOK_ID] }),
      requests: [hook(0, 0), hook(1, 500), hook(0, 2_000)],
      deeds: [{ at: 1_500, run: ([, second]) => second?.unlock(webhookRoute) }],
    },
    judge(result) {
      expect(result.arrivals.map(({ process }) => process)).toEqual([0, 0]);
    },
  },
];

/** That so many probes come one by one, each when the one before has been answered or is known to be lost. */
function expectProbes({ arrivals }: FleetResult, soon: number, ...ends: readonly number[]): void {
  for (const [index, end] of ends.entries()) {
    const gap = Number(arrivals[index + 1]?.time) - Number(arrivals[index]?.time);
    expect(gap).toBeGreaterThanOrEqual(end);
    expect(gap).toBeLessThan(end + soon);
  }
}

const PROBES: Lesson[] = [
  {
    name: 'that a request under way will tell of a bucket',
    plan: {
      processes: 3,
      model: model([READS]),
      requests: times(9, (index) => send(index % 3, 0, READ)),
    },
    judge(result, soon) {
      expectRefused(result);
      expectProbes(result, soon, ROUND_TRIP);
      expectSoon(result.arrivals.slice(1, 5), ROUND_TRIP, ROUND_TRIP + soon);
      expectSoon(result.arrivals.slice(5), 5_000, ROUND_TRIP + soon);
    },
  },
  {
    name: 'that the answer which was to tell of a bucket is lost: another process asks',
    plan: {
      processes: 3,
      model: model([READS]),
      requests: [
        send(0, 0, READ, { fate: 'answer lost', delayBack: 3_000 }),
        ...times(2, () => send(1, 50, READ)),
        ...times(2, () => send(2, 50, READ)),
      ],
    },
    judge(result, soon) {
      expectRefused(result);
      expectProbes(result, soon, 3_030, ROUND_TRIP);
      expect(of(1, result).length + of(2, result).length).toBe(4);
      expectSoon(result.arrivals.slice(2), 3_030, 2 * ROUND_TRIP + soon);
    },
  },
];

const LESSONS = [...WINDOWS, ...ROUTES, ...SHARING, ...UNSEEN, ...GLOBAL, ...LOCKS, ...PROBES];

function judged({ judge }: Lesson, result: FleetResult): 'learned' | 'not learned' {
  try {
    judge(result, soonAt(NEAR));
    return 'learned';
  } catch {
    return 'not learned';
  }
}

describe.each(LESSONS)('one process learns $name', (lesson) => {
  it.each(DISTANCES)('and the others know it, Redis being %s', async (_, delays) => {
    lesson.judge(await playShared(pool(), delays, lesson.plan), soonAt(delays));
  });

  it('and the others do not know it unless it is shared', async () => {
    expect(judged(lesson, await playAlone(lesson.plan))).toBe('not learned');
  });
});
