import type { FaultRule, LimitedRule, ModelConfig, RouteRule } from '@sluice/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WAIT } from '../../src/rules/headers.js';
import { delay } from './arbitraries.js';
import { type History, type PlannedRequest, play, queueOf, type Result } from './history.js';

/** Histories in CI: with those of limiter.test.ts, more than 20,000. */
const RUNS = { numRuns: Number(process.env.SLUICE_HISTORIES ?? 2_000) * 8 };

const CHANNEL = '100000000000000001';

/** What the requests of a mixture are: all writes, so that they leave one by one and every refusal can be judged. */
const RESOURCES = [
  { method: 'POST', path: '/channels/{channel}/messages', bodies: [{ content: 'x' }, { content: 'x', embeds: [] }] },
  { method: 'PATCH', path: '/channels/{channel}/messages/{message}', bodies: [{ content: 'x' }] },
  {
    method: 'PATCH',
    path: '/channels/{channel}',
    bodies: [{ name: 'x' }, { topic: 'x' }, { position: 1 }, { name: 'x', nsfw: true }],
  },
] as const;

const limits = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  period: fc.integer({ min: 200, max: 6_000 }),
  window: fc.constantFrom('fixed' as const, 'sliding' as const),
});

const at = fc.integer({ min: 0, max: 10_000 });

/** What may be odd about a rule, each rarely. */
const oddities: fc.Arbitrary<Partial<LimitedRule>> = fc
  .record({
    outside: fc.option(
      fc.array(fc.record({ at, every: fc.integer({ min: 100, max: 3_000 }), count: fc.integer({ min: 1, max: 20 }) }), {
        minLength: 1,
        maxLength: 2,
      }),
      { freq: 4 },
    ),
    changes: fc.option(
      fc.array(
        fc.oneof(
          fc.record({ at, limit: fc.integer({ min: 1, max: 8 }) }),
          fc.record({ at, period: fc.integer({ min: 200, max: 6_000 }) }),
          fc.record({ at, window: fc.constantFrom('fixed' as const, 'sliding' as const) }),
          fc.record({ at, bucket: fc.constant('changed') }),
          fc.record({ at, headers: fc.constantFrom('none' as const, 'normal' as const) }),
        ),
        { minLength: 1, maxLength: 3 },
      ),
      { freq: 4 },
    ),
    hidden: fc.option(
      fc.record({ limit: fc.integer({ min: 2, max: 6 }), period: fc.integer({ min: 500, max: 5_000 }) }),
      { freq: 4 },
    ),
    shared: fc.option(
      fc.record({ limit: fc.integer({ min: 2, max: 6 }), period: fc.integer({ min: 500, max: 5_000 }) }),
      { freq: 4 },
    ),
    subLimits: fc.option(
      fc.record({ limit: fc.integer({ min: 1, max: 3 }), period: fc.integer({ min: 500, max: 8_000 }) }),
      { freq: 1 },
    ),
  })
  .map(({ outside, changes, hidden, shared, subLimits }) => ({
    ...(outside && { outside }),
    ...(changes && { changes: [...changes].sort((a, b) => a.at - b.at) }),
    ...(hidden && { hidden }),
    ...(shared && { shared }),
    ...(subLimits && { subLimits: [{ fields: ['name', 'embeds'], ...subLimits }] }),
  }));

const faults: fc.Arbitrary<FaultRule[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('drop' as const, 'refuse' as const, 'reset' as const, 'stall' as const, 'malformed' as const),
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
  .map(({ rules: [first, second], odd: [oddFirst, oddSecond], split, seed, ...rest }) => {
    const messages = { bucket: 'messages', ...first, ...oddFirst };
    const routes: RouteRule[] = [
      { methods: ['POST'], path: RESOURCES[0].path, ...messages, ...(split && { counter: 'post' }) },
      { methods: ['PATCH'], path: RESOURCES[1].path, ...messages, ...(split && { counter: 'patch' }) },
      { methods: ['PATCH'], path: RESOURCES[2].path, bucket: 'channel', ...second, ...oddSecond },
    ];
    return { routes, globalLimit: 50, seed, ...rest };
  });

const request: fc.Arbitrary<PlannedRequest> = fc
  .record({
    resource: fc.constantFrom(...RESOURCES),
    body: fc.nat(),
    when: fc.oneof(fc.constant(0), at),
    delayOut: delay,
    delayBack: delay,
  })
  .map(({ resource, body, when, delayOut, delayBack }) => ({
    at: when,
    method: resource.method,
    path: resource.path.replace('{channel}', CHANNEL).replace('{message}', '200000000000000001'),
    authorization: 'Bot a',
    body: resource.bodies[body % resource.bodies.length],
    delayOut,
    delayBack,
    fate: 'answered',
    patience: 0,
  }));

const mixture: fc.Arbitrary<History> = fc.record({
  model,
  concurrency: fc.constant('writes-in-order' as const),
  requests: fc.array(request, { minLength: 1, maxLength: 40 }),
});

function expectAllEnded({ courses, manager, clock }: Result): void {
  expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
  for (const [, bucket] of manager.realHashesToBuckets) {
    expect({ queued: bucket.queueSize, inFlight: bucket.inFlight }).toEqual({ queued: 0, inFlight: 0 });
    // Malformed headers may tell of resets as far away as is believed at all.
    expect(bucket.isRateLimited(clock.now() + MAX_WAIT + 3_600_000)).toBe(false);
  }
  manager.close();
  expect(clock.pendingTimers).toBe(0);
}

/** Requests with the same fields first leave in order; a limit on fields lets others pass. */
function expectInOrder({ courses }: Result): void {
  const last = new Map<string, number>();
  for (const course of [...courses].sort((a, b) => (a.departures[0] ?? 0) - (b.departures[0] ?? 0))) {
    if (course.departures.length === 0) continue;
    const line = `${queueOf(course)} ${Object.keys(course.planned.body as object)}`;
    expect(course.mark).toBeGreaterThan(last.get(line) ?? -1);
    last.set(line, course.mark);
  }
}

/** How many things happened in a history that each can cause a refusal which nobody could have foreseen. */
function surprises({ model: { routes }, requests }: History, { model }: Result) {
  const { faults } = model.statistics();
  // Each leaves one request less accounted for than there was, or one answer less to learn from.
  const unheard = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rules = routes.filter((rule) => rule.bucket !== null);
  const changes = rules.reduce((sum, { changes = [] }) => sum + changes.length, 0);
  const outside = rules.flatMap((rule) => rule.outside ?? []).reduce((sum, { count = 0 }) => sum + count, 0);
  // Without headers all leave at once, and the first refusals come together.
  const blind = rules.some(({ changes = [] }) => changes.some(({ headers }) => headers === 'none'))
    ? requests.length
    : 0;
  // Messages and edits of messages have one hash, which nobody knows before both have answered.
  return {
    user: 1 + unheard + changes + outside + blind,
    // Uses that lie unevenly may make the first measure of a period too short.
    subLimit: 2 * rules.filter(({ subLimits }) => subLimits !== undefined).length + unheard + blind,
    hidden: 2 * rules.filter(({ hidden }) => hidden !== undefined).length + unheard + blind,
  };
}

describe('mixtures of all limits and faults', () => {
  it('never hang, never break the order, never lose a slot, and never send into a hold that was told', async () => {
    await fc.assert(
      fc.asyncProperty(mixture, async (planned) => {
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
