import { describe, expect, it } from 'vitest';
import { parseReport } from '../../src/arena/report.js';
import { report } from './samples.js';

describe('parseReport', () => {
  it('reads what was saved', () => {
    expect(parseReport(JSON.stringify(report()))).toEqual(report());
  });

  it.each(['', '{"format":', 'null', '[]', '{"format":"sluice-arena-0"}'])('says what is wrong with %j', (text) => {
    expect(() => parseReport(text)).toThrow(/^is no /);
  });
});
