import { describe, expect, it } from 'vitest';
import { joinReports, parseReport } from '../../src/arena/report.js';
import { report, result } from './samples.js';

describe('parseReport', () => {
  it('reads a saved report', () => {
    expect(parseReport(JSON.stringify(report()))).toEqual(report());
  });

  it.each(['', '{"format":', 'null', '[]', '{"format":"sluice-arena-0"}'])('says what is wrong with %j', (text) => {
    expect(() => parseReport(text)).toThrow(/^is not /);
  });
});

describe('joinReports', () => {
  it('joins all runs', () => {
    const a = report({ results: [result('burst', 'sluice', { drainMs: 2_000, reordered: 1 })] });
    const b = report({ results: [result('burst', 'sluice', { drainMs: 3_000 })] });
    const joined = joinReports(a, b);
    expect(joined).toMatchObject({ repeat: 6, results: [{ drainMs: 2_500, reordered: 1 }] });
    expect(joined.results[0]?.runs).toHaveLength(2);
  });

  it('refuses reports of different measurements', () => {
    expect(() => joinReports(report(), report({ seed: 2 }))).toThrow(
      'differs from the first in machine, seed, clients or scenarios',
    );
  });
});
