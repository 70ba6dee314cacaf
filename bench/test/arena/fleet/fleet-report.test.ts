import { describe, expect, it } from 'vitest';
import { summarizeFleet } from '../../../src/arena/fleet/fleet-report.js';
import { fleetProblems } from '../../../src/arena/fleet/fleet-smoke.js';
import { fleetMarkdown } from '../../../src/arena/fleet/fleet-table.js';
import { fleetReport, fleetResult, fleetRun } from './samples.js';

const REFUSED = { user: 4, global: 2, unseen: 1, banned: 0 };

describe('summarizeFleet', () => {
  it('takes medians of times and shares, and the worst of refusals', () => {
    const runs = [
      fleetRun({ drains: [1_000, 2_000], globalUse: 0.8, scriptCalls: 10 }),
      fleetRun({ drains: [1_800, 2_000], globalUse: 0.9, scriptCalls: 30 }),
      fleetRun({ drains: [1_600, 2_000], globalUse: 1, scriptCalls: 20, refusals: REFUSED }),
    ];
    const expected = { fairness: 0.8, globalUse: 0.9, callsPerRequest: 2, avoidable: 6 };
    expect(summarizeFleet({ requests: 10, unavoidable: 1 }, runs)).toMatchObject(expected);
  });

  it('ignores processes without requests in its fairness', () => {
    expect(summarizeFleet({ requests: 0, unavoidable: 0 }, [fleetRun({ drains: [0, 0] })]).fairness).toBe(1);
  });
});

describe('fleetMarkdown', () => {
  it('has a line for each client, and the failures', () => {
    const failures = [{ kind: 'Error 500', count: 1, sample: 'No' }];
    const lost = fleetResult('fetch', {
      outcome: 'incomplete',
      answered: 9,
      failures,
      refusals: REFUSED,
      reordered: 3,
    });
    const text = fleetMarkdown(fleetReport([fleetResult('sluice-redis'), lost]));
    expect(text).toContain('redis-server 7.0.15; 2026-07-01. Seed 1; 3 runs each');
    expect(text).toContain('### The burst, 2 processes, one token');
    expect(text).toContain('which uses 95 % of the global limit');
    const numbers = '0 | 0 / 0 / 0 | 0 | 2.00 | 1.00 | 90 % | 95 % | 0.75 | 0.50 | 100 |';
    expect(text).toContain(`| sluice-redis | 10 | ${numbers}`);
    expect(text).toContain('| fetch | 9 of 10 | 7 | 4 / 2 / 1 | 3 |');
    expect(text).toContain('- fetch: 1 × Error 500: “No”');
  });
});

describe('fleetProblems', () => {
  it.each([
    ['sluice-redis', { outcome: 'hung', answered: 3 }, 'sluice-redis: hung with 3 requests answered'],
    ['sluice-redis', { refusals: REFUSED }, 'sluice-redis: 7 × 429'],
    ['sluice-redis', { scriptCalls: 0 }, 'sluice-redis: made no script calls in Redis'],
    ['sluice', { reordered: 2 }, 'sluice: 2 requests out of order'],
    ['fetch', {}, 'fetch: never refused, so the simulator has not limited'],
  ] as const)('sees what is wrong with %s', (client, differences, problem) => {
    expect(fleetProblems(fleetReport([fleetResult(client, differences)]))).toEqual([problem]);
  });

  it('allows refusals of clients that share nothing', () => {
    const results = ['sluice', '@discordjs/rest', 'fetch'].map((client) => fleetResult(client, { refusals: REFUSED }));
    expect(fleetProblems(fleetReport([fleetResult('sluice-redis'), ...results]))).toEqual([]);
  });
});
