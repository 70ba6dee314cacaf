import { expect, it } from 'vitest';
import { sharedRows } from '../../../src/micro/redis/results.js';
import { CEILING } from '../../../src/micro/redis/roster.js';
import { sharedMarkdown } from '../../../src/micro/redis/tables.js';
import { load, measurement } from './samples.js';

it('has a table for each load, and describes each contender', () => {
  const rows = sharedRows([
    { load: load('2 processes'), who: CEILING, samples: [measurement(200_000), measurement(100_000)] },
    { load: load('2 processes'), who: 'Sluice', samples: [measurement(120_000)] },
    { load: load('8 processes'), who: 'Sluice', samples: [measurement(90_000)] },
  ]);
  const text = sharedMarkdown(rows);
  expect(text).toMatch(/^## redis\n/);
  expect(text).toContain('- bare GCRA: one script call per decision');
  expect(text.match(/^### .*/gm)).toEqual(['### 2 processes', '### 8 processes']);
  expect(text).toMatch(
    /\| shared-call GCRA +\| +150,000 \| 100,000 – 200,000 \| +0.500 \| +2.00 \| +0.016 \| +2.03 \| +4.50 \| +1.00 \|/,
  );
  expect(text).toMatch(/\| Sluice +\| +120,000 \|.*\| +0.80 \|/);
  expect(text).toMatch(/\| Sluice +\| +90,000 \|.*\| +— \|/);
});
