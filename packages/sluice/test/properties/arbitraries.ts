import type { RouteRule } from '@sluice/simulator';
import fc from 'fast-check';
import type { Fate, History, PlannedRequest } from './history.js';

/** Two channels and two guilds, so that some requests share a counter. */
const IDS = ['100000000000000001', '100000000000000002'];

const RESOURCES = [
  { methods: ['POST'], path: '/channels/{channel}/messages' },
  { methods: ['GET'], path: '/channels/{channel}/messages' },
  { methods: ['PATCH'], path: '/channels/{channel}' },
  { methods: ['PUT', 'DELETE'], path: '/guilds/{guild}/members/{user}/roles/{role}' },
  { methods: ['GET'], path: '/guilds/{guild}' },
  { methods: ['GET'], path: '/users/{user}' },
];

const limits = fc.record({
  limit: fc.integer({ min: 1, max: 8 }),
  period: fc.oneof(fc.integer({ min: 50, max: 6_000 }), fc.constantFrom(250, 1_000, 5_000)),
  window: fc.constantFrom('fixed' as const, 'sliding' as const),
});

/** A table of routes, each with a bucket of its own or without a limit. */
export const routes: fc.Arbitrary<RouteRule[]> = fc
  .tuple(...RESOURCES.map(() => fc.option(limits, { freq: 8 })))
  .map((rows) =>
    RESOURCES.map((resource, index) => {
      const row = rows[index];
      return row == null ? { ...resource, bucket: null } : { ...resource, bucket: `hash-${index}`, ...row };
    }),
  );

/** One-way delays: short, long, and so uneven that requests and answers overtake each other. */
export const delay = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 20, max: 60 }),
  fc.integer({ min: 0, max: 1_500 }),
  fc.double({ min: 0, max: 300, noNaN: true }),
);

type Resource = (typeof RESOURCES)[number];

/** The routes of a history: few, so that requests meet, or many. */
const scope = fc.record({
  resources: fc.shuffledSubarray(RESOURCES, { minLength: 1 }),
  ids: fc.subarray(IDS, { minLength: 1 }),
  authorizations: fc.constantFrom<string[]>(['Bot one'], ['Bot one'], ['Bot one', 'Bot two']),
});

function pathOf({ path }: Resource, id: string): string {
  return path.replace(/\{(?:channel|guild)\}/, id).replace(/\{\w+\}/g, '200000000000000001');
}

function request(
  { resources, ids, authorizations }: { resources: Resource[]; ids: string[]; authorizations: string[] },
  fates: readonly Fate[],
): fc.Arbitrary<PlannedRequest> {
  const line = fc.constantFrom(...resources).chain((resource) =>
    fc.record({
      method: fc.constantFrom(...resource.methods),
      path: fc.constantFrom(...ids).map((id) => pathOf(resource, id)),
    }),
  );
  const course = fc.record({
    at: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 8_000 })),
    authorization: fc.constantFrom(...authorizations),
    priority: fc.constantFrom(0, 0, 0, 1),
    delayOut: delay,
    delayBack: delay,
    fate: fc.constantFrom('answered' as const, 'answered' as const, 'answered' as const, ...fates),
    patience: fc.integer({ min: 0, max: 4_000 }),
  });
  return fc.tuple(line, course).map(([where, how]) => ({ ...where, ...how }));
}

/** A history. Without `fates`, every request is answered. */
export function history(fates: readonly Fate[] = []): fc.Arbitrary<History> {
  return scope.chain((chosen) =>
    fc.record({
      model: fc.record({ routes, globalLimit: fc.constantFrom(1, 2, 5, 50, 50) }),
      concurrency: fc.constantFrom('writes-in-order' as const, 'serial' as const, 'parallel' as const),
      requests: fc.array(request(chosen, fates), { minLength: 1, maxLength: 40 }),
    }),
  );
}
