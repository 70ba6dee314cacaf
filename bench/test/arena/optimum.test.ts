import { expect, test } from 'vitest';
import { optimaOf } from '../../src/arena/optimum.js';
import type { ArenaRequest, Scenario } from '../../src/arena/scenario.js';
import { snowflake } from '../../src/arena/snowflakes.js';

function scenario(requests: readonly ArenaRequest[], simulator: Scenario['simulator']): Scenario {
  return { name: 'n', title: 't', about: 'a', unavoidable: 0, deadline: 1000, simulator, requests };
}

function answers(count: number): ArenaRequest[] {
  return Array.from({ length: count }, (_, place) => ({
    method: 'POST',
    path: `/interactions/${snowflake('interaction', place)}/aW50ZXJhY3Rpb246x/callback`,
  }));
}

test('interactions and webhooks have no token and are exempt from the global limit', () => {
  const simulator = { globalLimit: 1, rtt: 100 };
  expect(optimaOf(scenario(answers(5), simulator))).toEqual({ omniscient: 100, reachable: 100 });
});

test('other requests count towards it', () => {
  const reads: ArenaRequest[] = [1, 2].map(() => ({ method: 'GET', path: '/voice/regions' }));
  const simulator = { globalLimit: 1, rtt: 100, journalSize: 10 };
  expect(optimaOf(scenario(reads, simulator))).toEqual({ omniscient: 1100, reachable: 1200 });
});

test('bodies decide which limits on fields apply', () => {
  const subLimits = [{ fields: ['name'], limit: 1, period: 4000 }];
  const routes = [
    {
      methods: ['PATCH'],
      path: '/channels/{channel}',
      bucket: 'b',
      limit: 9,
      period: 1000,
      window: 'fixed' as const,
      subLimits,
    },
  ];
  const edit = (json: unknown): ArenaRequest => ({ method: 'PATCH', path: `/channels/${snowflake('channel')}`, json });
  const { omniscient } = optimaOf(scenario([edit({ name: 'a' }), edit({ nsfw: true })], { routes }));
  expect(omniscient).toBe(0);
  expect(optimaOf(scenario([edit({ name: 'a' }), edit({ name: 'b' })], { routes })).omniscient).toBe(4000);
});
