import { describe, expect, it } from 'vitest';
import { toSVG } from '../../src/arena/chart.js';
import { report, result, scenario } from './samples.js';

describe('toSVG', () => {
  const refusals = { user: 3, global: 2, unseen: 1, banned: 0 };
  const svg = toSVG(
    report({
      scenarios: [scenario('burst'), scenario('drizzle', { unavoidable: 2 })],
      results: [
        result('burst', 'sluice', { drainMs: 2_090 }),
        result('burst', 'eris', { drainMs: 25_000, refusals }),
        result('drizzle', 'sluice', { outcome: 'incomplete', answered: 7 }),
        result('drizzle', 'eris', { outcome: 'hung', answered: 4 }),
      ],
    }),
  );

  it('is a complete image, on white', () => {
    expect(svg).toMatch(/^<svg [^>]*width="\d+" height="\d+"/);
    expect(svg).toContain('fill="#ffffff"');
    expect(svg).toContain('role="img"><title>How long until all requests are answered</title>');
    expect(svg).not.toMatch(/NaN|undefined|null/);
  });

  it.each(['The burst', 'sluice', 'eris', '6 × 429 in all', '0 × 429 in all', '2 × 429 unavoidable'])(
    'names %s',
    (text) => {
      expect(svg).toContain(`>${text}<`);
    },
  );

  it.each(['1.04×', '12.5×', '6 × 429', '3 left', 'hung, 6 left'])('has a cell with %s', (text) => {
    expect(svg).toContain(`>${text}<`);
  });
});
