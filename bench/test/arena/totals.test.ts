import { describe, expect, it } from 'vitest';
import { totalsOf } from '../../src/arena/totals.js';
import { report, result, scenario } from './samples.js';

describe('totalsOf', () => {
  const refusals = { user: 3, global: 2, unseen: 1, banned: 0 };

  it('sums up all scenarios of one client', () => {
    const scenarios = [
      scenario('burst', { unavoidable: 2 }),
      scenario('drizzle', { unavoidable: 9 }),
      scenario('flood'),
    ];
    const results = [
      result('burst', 'sluice', { refusals, reordered: 4, drainMs: 2_000 }),
      result('drizzle', 'sluice', { refusals, drainMs: 3_000 }),
      result('flood', 'sluice', { outcome: 'hung', answered: 7 }),
      result('burst', 'eris'),
    ];
    expect(totalsOf(report({ scenarios, results }), 'sluice')).toEqual({
      answered: 27,
      requests: 30,
      avoidable: 4,
      reordered: 4,
      unfinished: 1,
      medianRatio: 1.25,
      worstRatio: 1.5,
    });
  });

  it('has no ratios for a client that finished nothing', () => {
    const totals = totalsOf(report({ results: [] }), 'eris');
    expect(totals).toMatchObject({ requests: 0, unfinished: 0, medianRatio: null, worstRatio: null });
  });
});
