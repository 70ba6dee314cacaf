import { describe, expect, it } from 'vitest';
import { markdownTable } from '../../src/micro/markdown.js';
import type { Row } from '../../src/micro/row.js';

function row(who: string, samples: readonly number[], median?: number, ratio?: number): Row {
  return { group: 'group', table: 'title', who, unit: 'ns', samples, median, ratio };
}

describe('markdownTable', () => {
  it('shows medians, spreads and ratios in columns of one width', () => {
    const text = markdownTable('title', 'Sluice', [
      row('Sluice', [512.3, 498.9, 530.1], 512.3, 1),
      row('a slow one', [12_345.6, 12_000, 13_000], 12_345.6, 24.1),
      row('a floor', [3.456], 3.456, 0.00613),
    ]);
    expect(text).toBe(`### title

| what       | ns per op (median) |          spread | ratio to Sluice |
| ---------- | -----------------: | --------------: | --------------: |
| Sluice     |                512 |       499 – 530 |           1.0 × |
| a slow one |             12,346 | 12,000 – 13,000 |            24 × |
| a floor    |               3.46 |     3.46 – 3.46 |        0.0061 × |
`);
  });

  it('leaves a cell without a measurement empty', () => {
    expect(markdownTable('title', 'Sluice', [row('unable', [])])).toContain('| unable |                  — |      — |');
  });

  it('names the unit', () => {
    const bytes: Row = { ...row('Sluice', [300], 300, 1), unit: 'bytes' };
    expect(markdownTable('title', 'Sluice', [bytes])).toContain('bytes (median)');
  });
});
