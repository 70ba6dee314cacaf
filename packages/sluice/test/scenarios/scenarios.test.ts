import { afterAll, describe, expect, it } from 'vitest';
import { play } from '../properties/history.js';
import { SCENARIOS } from './scenarios.js';

const rows: string[] = [];

afterAll(() => {
  const head = '| scenario | 429s met | unavoidable | drain / optimum |\n| --- | --- | --- | --- |\n';
  process.stdout.write(`\n${head}${rows.join('\n')}\n`);
});

describe('limits that no header shows', () => {
  it.each(SCENARIOS)('$name: no refusals but the unforeseeable ones', async (scenario) => {
    const { model, requests, unavoidable, optimum } = scenario;
    const {
      model: server,
      courses,
      drainedAt,
      manager,
      clock,
    } = await play({
      model,
      requests,
      concurrency: 'writes-in-order',
    });
    const { refused, refusedUnseen } = server.statistics();
    const met = refused.user + refused.global + refusedUnseen.subLimit + refusedUnseen.shared + refusedUnseen.hidden;
    rows.push(`| ${scenario.name} | ${met} | ${unavoidable} | ${(drainedAt / optimum).toFixed(2)} |`);
    expect(met).toBeLessThanOrEqual(unavoidable);
    expect(courses.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
    expect(courses.filter(({ outcome }) => outcome === 'error')).toHaveLength(scenario.failures ?? 0);
    for (const [, bucket] of manager.realHashesToBuckets) expect(bucket.inFlight).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
