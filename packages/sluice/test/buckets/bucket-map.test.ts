import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketMap } from '../../src/buckets/bucket-map.js';
import { SoloBucket } from '../../src/buckets/solo-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { Route } from '../../src/routes/route.js';

const ROUTE = Route.match('GET', '/channels/1/messages');
const clock = new VirtualClock();
const BUCKETS = ['a', 'b'].map((name) => new SoloBucket({ name, route: ROUTE, clock }));

const changes = fc.array(
  fc.record({
    majors: fc.oneof(fc.nat(9_000).map(String), fc.constantFrom('-', '1', '12:0f', '12:1f')),
    bucket: fc.option(fc.constantFrom(...BUCKETS), { nil: undefined }),
  }),
  { maxLength: 200 },
);

describe('a map of buckets', () => {
  it.each([0, 4_090, 20_000])('of %i does what a Map does, however large it is', (size) => {
    fc.assert(
      fc.property(changes, (history) => {
        const map = new BucketMap();
        const model = new Map<string, SoloBucket>();
        const [first] = BUCKETS as [SoloBucket];
        for (let index = 0; index < size; index++) {
          map.set(`x${index}`, first);
          model.set(`x${index}`, first);
        }
        for (const { majors, bucket } of history) {
          if (bucket) {
            map.set(majors, bucket);
            model.set(majors, bucket);
          } else {
            map.delete(majors);
            model.delete(majors);
          }
          expect([map.size, map.get(majors), map.has(majors)]).toEqual([model.size, bucket, bucket !== undefined]);
        }
        expect(new Map(map)).toEqual(model);
        expect([...map.values()]).toHaveLength(model.size);
      }),
      { numRuns: size > 5_000 ? 5 : 50 },
    );
  });

  it('may be changed while it is gone through', () => {
    const map = new BucketMap();
    const [bucket] = BUCKETS as [SoloBucket];
    for (let index = 0; index < 10_000; index++) map.set(String(index), bucket);
    for (const [majors] of map) map.delete(majors);
    expect(map.size).toBe(0);
  });
});
