import { DiscordModel, parseModelConfig, startSimulator } from '@sluice/simulator';
import { describe, expect, test } from 'vitest';
import { optimaOf } from '../../src/arena/optimum.js';
import { SCENARIOS } from '../../src/arena/scenarios.js';

/** The longest title that fits a chart. */
const LONGEST_TITLE = 32;

test('there are twelve scenarios with different names', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(12);
  expect(new Set(SCENARIOS.map(({ title }) => title)).size).toBe(12);
});

describe.each(SCENARIOS)('$name', (scenario) => {
  const { simulator, requests, title } = scenario;

  test('is a valid configuration of the simulator', async () => {
    await using running = await startSimulator(simulator);
    expect(running.port).toBeGreaterThan(0);
  });

  test('only uses routes that its simulator knows', () => {
    const { routes, globalLimit } = simulator;
    const model = new DiscordModel(parseModelConfig({ ...(routes && { routes }), globalLimit: globalLimit ?? null }), {
      epoch: 0,
    });
    const verdicts = requests.map(({ method, path, json }) => model.receive({ method, path, body: json }, 0).verdict);
    expect(verdicts).not.toContain('unknown-route');
  });

  test('has a title that fits a chart', () => {
    expect(title.length).toBeLessThanOrEqual(LONGEST_TITLE);
  });

  test('takes from 4 to 13 s at best, so that a run is short but longer than its start', () => {
    const { omniscient, reachable } = optimaOf(scenario);
    expect(omniscient).toBeGreaterThan(4000);
    expect(reachable).toBeGreaterThanOrEqual(omniscient);
    expect(reachable).toBeLessThan(13_000);
    expect(scenario.deadline).toBeGreaterThan(3 * reachable);
  });

  test('has one optimum for a seed', () => {
    expect(optimaOf(scenario, 7)).toEqual(optimaOf(scenario, 7));
  });
});
