import { describe, expect, it } from 'vitest';
import { summarize } from '../../src/arena/summary.js';
import { run } from './samples.js';

describe('summarize', () => {
  it('takes the medians of times and memory', () => {
    const runs = [3, 1, 2].map((n) => run({ drainMs: n, cpuMs: 10 * n, peakBytes: 100 * n, startBytes: 50 * n }));
    expect(summarize(runs)).toMatchObject({ drainMs: 2, cpuMs: 20, peakBytes: 200, startBytes: 100 });
  });

  it('takes the worst of events that should not happen', () => {
    const refused = { user: 1, global: 5, unseen: 0, banned: 0 };
    const others = { user: 2, global: 0, unseen: 1, banned: 0 };
    const runs = [
      run({ refusals: others, reordered: 4 }),
      run({ refusals: refused, invalid: 6 }),
      run({ answered: 9 }),
    ];
    expect(summarize(runs)).toMatchObject({ refusals: refused, invalid: 6, reordered: 4, answered: 9 });
  });

  it('has no drain time when one run did not end', () => {
    expect(summarize([run(), run({ outcome: 'hung' }), run()])).toMatchObject({ outcome: 'hung', drainMs: null });
    const crashed = run({ outcome: 'crashed', crash: 'Error: out of luck' });
    expect(summarize([run({ outcome: 'hung' }), crashed])).toMatchObject({
      outcome: 'crashed',
      crash: 'Error: out of luck',
    });
  });

  it('keeps the drain time of runs that ended with failures', () => {
    expect(summarize([run({ outcome: 'incomplete' }), run()])).toMatchObject({ outcome: 'incomplete', drainMs: 2_000 });
  });

  it('adds up failures of one kind', () => {
    const failure = (kind: string, count: number) => ({ kind, count, sample: `${kind} it is` });
    const runs = [run({ failures: [failure('A', 1)] }), run({ failures: [failure('B', 2), failure('A', 3)] })];
    expect(summarize(runs).failures).toEqual([failure('A', 4), failure('B', 2)]);
  });
});
