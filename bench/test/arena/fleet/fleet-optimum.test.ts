import { expect, it } from 'vitest';
import { fleetOptimaOf } from '../../../src/arena/fleet/fleet-optimum.js';
import type { FleetScenario } from '../../../src/arena/fleet/fleet-scenario.js';
import { posts, reactionChanges } from '../../../src/arena/request-series.js';

const MESSAGES = '/channels/{channel}/messages';

function scenario(requests: FleetScenario['requests'], simulator: FleetScenario['simulator']): FleetScenario {
  return {
    name: 'n',
    title: 't',
    about: 'a',
    unavoidable: 0,
    deadline: 1_000,
    simulator: { rtt: 100, ...simulator },
    requests,
  };
}

const five = [{ methods: ['POST'], path: MESSAGES, bucket: 'b', limit: 5, period: 2_000, window: 'fixed' as const }];

it('lets writes of different processes leave together', () => {
  const each = [0, 1, 2, 3, 4].map(() => posts(0, 1));
  expect(fleetOptimaOf(scenario(each, { routes: five }))).toEqual({ omniscient: 100, reachable: 100 });
});

it('keeps writes of one process in order', () => {
  expect(fleetOptimaOf(scenario([posts(0, 3), posts(1, 1)], { routes: five })).reachable).toBe(300);
});

it('adds up the use of a limit that processes share', () => {
  const each = [posts(0, 3), posts(0, 3)];
  expect(fleetOptimaOf(scenario(each, { routes: five }))).toEqual({ omniscient: 2_100, reachable: 2_200 });
  expect(fleetOptimaOf(scenario([posts(0, 1), posts(1, 1)], { globalLimit: 1 })).omniscient).toBe(1_100);
});

it('counts methods that share a counter together', () => {
  const each = [reactionChanges(0, 2), reactionChanges(0, 2)];
  expect(fleetOptimaOf(scenario(each, {})).omniscient).toBe(850);
});
