import type { LimitedRule, ModelConfig, RouteRule } from '@sluice/simulator';
import fc from 'fast-check';
import { delay } from './arbitraries.js';
import type { History, PlannedRequest, Result } from './history.js';

/** The fate of an answer, or of its request. */
export type FaultKind = 'drop' | 'refuse' | 'reset' | 'stall' | 'malformed';

const CHANNEL = '100000000000000001';

/** The requests of a mixture: writes only, so that they leave one by one and every refusal can be judged. */
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

/** Rare peculiarities of a rule. */
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

/** Messages and edits of messages have one hash, with one counter or two. */
function modelWith(faults: readonly FaultKind[]): fc.Arbitrary<ModelConfig> {
  const fault = fc.record({ kind: fc.constantFrom(...faults), probability: fc.constant(0.05) });
  return fc
    .record({
      rules: fc.tuple(limits, limits),
      odd: fc.tuple(oddities, oddities),
      split: fc.boolean(),
      faults: fc.array(fault, { maxLength: 2 }),
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
}

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

/** Requests to routes with all kinds of limits and peculiarities, and answers with these faults. */
export function mixture(...faults: readonly FaultKind[]): fc.Arbitrary<History> {
  return fc.record({
    model: modelWith(faults),
    concurrency: fc.constant('writes-in-order' as const),
    requests: fc.array(request, { minLength: 1, maxLength: 40 }),
  });
}

/** The number of events in a history that can cause an unforeseeable refusal, some of them in every process. */
export function surprises({ model: { routes }, requests }: History, { model }: Result, processes = 1) {
  const { faults } = model.statistics();
  // Each event leaves one request uncounted, or one answer less to learn from.
  const unheard = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const rules = routes.filter((rule) => rule.bucket !== null);
  const changes = rules.reduce((sum, { changes = [] }) => sum + changes.length, 0);
  const outside = rules.flatMap((rule) => rule.outside ?? []).reduce((sum, { count = 0 }) => sum + count, 0);
  // Without headers all requests leave at once, and the first refusals arrive together.
  const blind = rules.some(({ changes = [] }) => changes.some(({ headers }) => headers === 'none'))
    ? requests.length
    : 0;
  // Messages and edits of messages have one hash, which is unknown until both have been answered.
  return {
    user: processes * (1 + unheard + changes + outside) + blind,
    // Uneven use may make the first measurement of a period too short.
    subLimit: processes * 2 * rules.filter(({ subLimits }) => subLimits !== undefined).length + unheard + blind,
    hidden: processes * 2 * rules.filter(({ hidden }) => hidden !== undefined).length + unheard + blind,
  };
}
