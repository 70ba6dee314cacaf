import { describe, expect, it } from 'vitest';
import { scenarioSection, toMarkdown, totalRefusals } from '../../src/arena/table.js';
import { report, result, scenario } from './samples.js';

const REFUSED = { user: 3, global: 2, unseen: 1, banned: 0 };

function rowOf(markdown: string, client: string): string | undefined {
  return markdown.split('\n').find((line) => line.startsWith(`| ${client} `));
}

describe('scenarioSection', () => {
  it('has a line for each client', () => {
    const hard = scenario('burst', { unavoidable: 2 });
    const results = [
      result('burst', 'sluice'),
      result('burst', 'eris', { refusals: REFUSED, invalid: 5, reordered: 7 }),
    ];
    const section = scenarioSection(report({ scenarios: [hard], results }), hard);
    expect(section).toContain('10 requests; at best 1.60 s (omniscient), 2.00 s (reachable); 2 × 429 are unavoidable.');
    expect(rowOf(section, 'sluice')).toBe('| sluice | 10 | 0 / 0 / 0 | 0 | 0 | 2.00 | 1.25 | 1.00 | 100 | 80 |');
    expect(rowOf(section, 'eris')).toBe('| eris | 10 | 3 / 2 / 1 | 5 | 7 | 2.00 | 1.25 | 1.00 | 100 | 80 |');
  });

  it('marks clients with unanswered requests', () => {
    const results = [
      result('burst', 'sluice', {
        outcome: 'incomplete',
        answered: 8,
        failures: [{ kind: 'HTTPError', count: 2, sample: 'no answer' }],
      }),
      result('burst', 'eris', { outcome: 'crashed', answered: 0, crash: 'Error: out of luck' }),
      result('burst', 'fetch', { outcome: 'hung', answered: 4, refusals: { ...REFUSED, banned: 9 } }),
    ];
    const section = scenarioSection(report({ results }), scenario('burst'));
    expect(rowOf(section, 'sluice')).toContain('| 8 of 10 |');
    expect(rowOf(section, 'eris')).toBe('| eris | 0 of 10, **crashed** | 0 / 0 / 0 | 0 | 0 | – | – | – | – | – |');
    expect(rowOf(section, 'fetch')).toContain('| 4 of 10, **hung** | 3 / 2 / 1 + 9 banned |');
    expect(section).toContain('- sluice: 2 × HTTPError: “no answer”\n- eris crashed: “Error: out of luck”\n');
  });
});

describe('toMarkdown', () => {
  it('summarizes in a matrix', () => {
    const markdown = toMarkdown(
      report({
        scenarios: [scenario('burst'), scenario('drizzle')],
        results: [
          result('burst', 'sluice'),
          result('burst', 'eris', { drainMs: 5_000, refusals: REFUSED }),
          result('drizzle', 'sluice', { outcome: 'incomplete', answered: 9 }),
          result('drizzle', 'eris', { outcome: 'hung', answered: 9, refusals: REFUSED }),
        ],
      }),
    );
    expect(markdown).toContain('| scenario | sluice | eris |');
    expect(markdown).toContain('| The burst | 1.00 | 2.50 (6) |');
    expect(markdown).toContain('| The drizzle | 1.00, 1 failed | **hung** (6) |');
    expect(markdown).toContain('| **429s in all** | 0 | 12 |');
    expect(markdown).toContain('| sluice | 19 of 20; unfinished scenarios: 1 | 0 | 0 | 1.00 | 1.00 |');
    expect(markdown).toContain('| eris | 19 of 20; unfinished scenarios: 1 | 12 | 0 | 2.50 | 2.50 |');
  });

  it('names the machine', () => {
    expect(toMarkdown(report())).toContain(
      'Node 20.19.0 (V8 11.3), linux 6 x64, 2 × Some CPU, 8 GiB; 2026-07-01. Seed 1; 3 runs each',
    );
    expect(toMarkdown(report())).toContain('sluice 0.1.0 · eris 0.18.0');
  });

  it('leaves a cell without a measurement empty', () => {
    expect(toMarkdown(report({ results: [] }))).toContain('| The burst | – | – |');
  });
});

describe('totalRefusals', () => {
  it('counts all kinds in all scenarios', () => {
    const refusals = { ...REFUSED, banned: 4 };
    const results = [result('burst', 'eris', { refusals }), result('drizzle', 'eris', { refusals })];
    expect(totalRefusals(report({ results }), 'eris')).toBe(20);
  });
});
