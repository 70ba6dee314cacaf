import fc from 'fast-check';
import type { History } from '../../../sluice/test/properties/history.js';
import type { RedisDelays } from './virtual-fleet.js';

/** A history whose requests are those of several processes, each with its own way to Redis. */
export interface FleetHistory extends History {
  readonly delays: readonly RedisDelays[];
}

const delays: fc.Arbitrary<RedisDelays> = fc.record({
  there: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  back: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 80 })),
  news: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
});

/** Shares the requests of a history out to so many processes. */
export function fleetOf(
  processes: { readonly minLength: number; readonly maxLength: number },
  histories: fc.Arbitrary<History>,
): fc.Arbitrary<FleetHistory> {
  return fc.tuple(fc.array(delays, processes), histories).chain(([fleet, planned]) => {
    const { length } = planned.requests;
    return fc.array(fc.nat(fleet.length - 1), { minLength: length, maxLength: length }).map((senders) => ({
      ...planned,
      delays: fleet,
      requests: planned.requests.map((request, index) => ({ ...request, process: senders[index] as number })),
    }));
  });
}
