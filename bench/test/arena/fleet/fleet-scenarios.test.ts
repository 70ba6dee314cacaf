import { DiscordModel, parseModelConfig } from '@sluice/simulator';
import { describe, expect, test } from 'vitest';
import { fleetOptimaOf } from '../../../src/arena/fleet/fleet-optimum.js';
import { FLEET_SCENARIOS } from '../../../src/arena/fleet/fleet-scenarios.js';

describe.each(FLEET_SCENARIOS)('$name', (scenario) => {
  const { simulator, requests, deadline } = scenario;

  test('is for eight processes, and only uses routes that its simulator knows', () => {
    const { routes } = simulator;
    const model = new DiscordModel(parseModelConfig({ ...(routes && { routes }), globalLimit: null }), { epoch: 0 });
    const verdicts = requests
      .flat()
      .map(({ method, path, json }) => model.receive({ method, path, body: json }, 0).verdict);
    expect(requests).toHaveLength(8);
    expect(verdicts).not.toContain('unknown-route');
  });

  test('takes from 5 to 20 s at best', () => {
    const { omniscient, reachable } = fleetOptimaOf(scenario);
    expect(omniscient).toBeGreaterThan(5_000);
    expect(reachable).toBeGreaterThanOrEqual(omniscient);
    expect(reachable).toBeLessThan(20_000);
    expect(deadline).toBeGreaterThan(3 * reachable);
  });
});
