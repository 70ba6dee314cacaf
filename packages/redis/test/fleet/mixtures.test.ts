import type { FaultRule, LimitedRule, ModelConfig, RouteRule } from '@sluice/simulator';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delay } from '../../../sluice/test/properties/arbitraries.js';
import { type History, type PlannedRequest, play, type Result } from '../../../sluice/test/properties/history.js';
import { type RedisServer, startRedisServer } from '../servers/redis-server.js';
import { fleetStage, type RedisDelays, VirtualRedisPool } from './virtual-fleet.js';

/** A failing history is printed with its seed and path. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 100) };

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

const CHANNEL = '100000000000000001';
const MESSAGES = `/channels/${CHANNEL}/messages`;

/** All writes, so that those of one process leave one by one and every refusal can be judged. */
const RESOURCES = [
  { method: 'POST', path: MESSAGES, bodies: [{ content: 'x' }, { content: 'x', embeds: [] }] },
  { method: 'PATCH', path: `${MESSAGES}/200000000000000001`, bodies: [{ content: 'x' }] },
  {
    method: 'PATCH',
    path: `/channels/${CHANNEL}`,
    bodies: [{ name: 'x' }, { topic: 'x' }, { position: 1 }, { name: 'x', nsfw: true }],
  },
] as const;

const at = fc.integer({ min: 0, max: 10_000 });

const limits = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  period: fc.integer({ min: 200, max: 6_000 }),
  window: fc.constantFrom('fixed' as const, 'sliding' as const),
});

const unseen = fc.record({ limit: fc.integer({ min: 2, max: 6 }), period: fc.integer({ min: 500, max: 5_000 }) });
const outside = fc.record({
  at,
  every: fc.integer({ min: 100, max: 3_000 }),
  count: fc.integer({ min: 1, max: 20 }),
});
const change = fc.oneof(
  fc.record({ at, limit: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ at, period: fc.integer({ min: 200, max: 6_000 }) }),
  fc.record({ at, window: fc.constantFrom('fixed' as const, 'sliding' as const) }),
  fc.record({ at, bucket: fc.constant('changed') }),
  fc.record({ at, headers: fc.constantFrom('none' as const, 'normal' as const) }),
);
const subLimit = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  period: fc.integer({ min: 500, max: 8_000 }),
});

function sometimes<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** What may be odd about a rule. */
const oddities: fc.Arbitrary<Partial<LimitedRule>> = fc
  .record({
    outside: sometimes(fc.array(outside, { minLength: 1, maxLength: 2 })),
    changes: sometimes(fc.array(change, { minLength: 1, maxLength: 3 })),
    hidden: sometimes(unseen),
    shared: sometimes(unseen),
    subLimit: sometimes(subLimit),
  })
  .map(({ outside, changes, hidden, shared, subLimit }) => ({
    ...(outside && { outside }),
    ...(changes && { changes: [...changes].sort((a, b) => a.at - b.at) }),
    ...(hidden && { hidden }),
    ...(shared && { shared }),
    ...(subLimit && { subLimits: [{ fields: ['name', 'embeds'], ...subLimit }] }),
  }));

/** Malformed headers tell of resets days away, which are as many heartbeats in every process. */
const faults: fc.Arbitrary<FaultRule[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('drop' as const, 'refuse' as const, 'reset' as const, 'stall' as const),
    probability: fc.constant(0.05),
  }),
  { maxLength: 2 },
);

/** Messages and edits of messages have one hash: one counter, or two. */
const model: fc.Arbitrary<ModelConfig> = fc
  .record({
    rules: fc.tuple(limits, limits),
    odd: fc.tuple(oddities, oddities),
    split: fc.boolean(),
    faults,
    seed: fc.nat(),
  })
  .map(({ rules: [first, second], odd: [oddFirst, oddSecond], split, seed, faults }) => {
    const messages = { bucket: 'messages', ...first, ...oddFirst };
    const routes: RouteRule[] = [
      { methods: ['POST'], path: '/channels/{channel}/messages', ...messages, ...(split && { counter: 'post' }) },
      {
        methods: ['PATCH'],
        path: '/channels/{channel}/messages/{message}',
        ...messages,
        ...(split && { counter: 'patch' }),
      },
      { methods: ['PATCH'], path: '/channels/{channel}', bucket: 'channel', ...second, ...oddSecond },
    ];
    return { routes, globalLimit: 50, seed, faults };
  });

const redisDelays: fc.Arbitrary<RedisDelays> = fc.record({
  there: fc.integer({ min: 0, max: 40 }),
  back: fc.integer({ min: 0, max: 40 }),
  news: fc.integer({ min: 0, max: 100 }),
});

function request(processes: number): fc.Arbitrary<PlannedRequest> {
  return fc
    .record({
      resource: fc.constantFrom(...RESOURCES),
      body: fc.nat(),
      when: fc.oneof(fc.constant(0), at),
      delayOut: delay,
      delayBack: delay,
      process: fc.nat(processes - 1),
    })
    .map(({ resource: { method, path, bodies }, body, when, ...network }) => ({
      at: when,
      method,
      path,
      authorization: 'Bot a',
      body: bodies[body % bodies.length],
      fate: 'answered',
      patience: 0,
      ...network,
    }));
}

interface Mixture extends History {
  readonly delays: readonly RedisDelays[];
}

const mixture: fc.Arbitrary<Mixture> = fc.array(redisDelays, { minLength: 2, maxLength: 4 }).chain((delays) =>
  fc.record({
    delays: fc.constant(delays),
    model,
    concurrency: fc.constant('writes-in-order' as const),
    requests: fc.array(request(delays.length), { minLength: 1, maxLength: 40 }),
  }),
);

function expectAllEnded({ courses, managers }: Result & { managers: ReturnType<typeof fleetStage>['managers'] }): void {
  expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  for (const manager of managers) {
    for (const [, bucket] of manager.realHashesToBuckets) {
      expect({ queued: bucket.queueSize, inFlight: bucket.inFlight }).toEqual({ queued: 0, inFlight: 0 });
    }
  }
}

/** How many things happened in a history that each can cause a refusal, in every process, that nobody could foresee. */
function surprises({ model: { routes }, requests, delays }: Mixture, { model }: Result) {
  const { faults } = model.statistics();
  // Each leaves one request less accounted for than there was, or one answer less to learn from.
  const unheard = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rules = routes.filter((rule) => rule.bucket !== null);
  const changes = rules.reduce((sum, { changes = [] }) => sum + changes.length, 0);
  const outside = rules.flatMap((rule) => rule.outside ?? []).reduce((sum, { count = 0 }) => sum + count, 0);
  // Without headers all leave at once, and the first refusals come together.
  const isBlind = rules.some(({ changes = [] }) => changes.some(({ headers }) => headers === 'none'));
  const blind = isBlind ? requests.length : 0;
  const processes = delays.length;
  return {
    // Each process has one under way in a bucket when something changes.
    user: processes * (1 + unheard + changes + outside) + blind,
    subLimit: processes * 2 * rules.filter(({ subLimits }) => subLimits !== undefined).length + unheard + blind,
    hidden: processes * 2 * rules.filter(({ hidden }) => hidden !== undefined).length + unheard + blind,
  };
}

describe('mixtures of all limits and faults, in several processes', () => {
  it('never hang, never lose a slot, and are refused no more often than each process may be surprised', async () => {
    await fc.assert(
      fc.asyncProperty(mixture, async (planned) => {
        await pool.with(async (redis) => {
          const stage = fleetStage(redis, planned, planned.delays);
          const result = await play(planned, stage);
          expectAllEnded({ ...result, managers: stage.managers });
          const { refused, refusedUnseen } = result.model.statistics();
          const { user, subLimit, hidden } = surprises(planned, result);
          expect(refused.user).toBeLessThanOrEqual(user);
          expect(refused.global).toBe(0);
          expect(refusedUnseen.subLimit).toBeLessThanOrEqual(subLimit);
          expect(refusedUnseen.hidden).toBeLessThanOrEqual(hidden);
        });
      }),
      RUNS,
    );
  });
});
