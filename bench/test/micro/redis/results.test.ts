import { describe, expect, it } from 'vitest';
import { Latencies } from '../../../src/micro/redis/latencies.js';
import { measurementOf } from '../../../src/micro/redis/measuring.js';
import { sharedRows } from '../../../src/micro/redis/results.js';
import { CEILING } from '../../../src/micro/redis/roster.js';
import { load, measurement } from './samples.js';

describe('measurementOf', () => {
  it('adds up processes that counted for different times', () => {
    const latencies = new Latencies();
    latencies.add(3);
    const counts = [
      { decisions: 100, time: 1_000, latencies: latencies.counts },
      { decisions: 300, time: 2_000, latencies: new Latencies().counts },
    ];
    const all = measurementOf(counts, { scripts: 200, commands: 1_000, processorTime: 4_000 });
    expect(all).toMatchObject({ throughput: 250, scripts: 0.5, commands: 2.5, serverTime: 10 });
    expect(all.p50).toBeCloseTo(3, 1);
  });
});

describe('sharedRows', () => {
  it('relates medians to the ceiling under the same load', () => {
    const rows = sharedRows([
      { load: load('a'), who: CEILING, samples: [900, 1_000, 2_000].map(measurement) },
      { load: load('a'), who: 'Sluice', samples: [700, 800, 900].map(measurement) },
      { load: load('b'), who: CEILING, samples: [measurement(1_600)] },
      { load: load('b'), who: 'Sluice', samples: [measurement(800)] },
    ]);
    expect(rows.map(({ ratio }) => ratio)).toEqual([1, 0.8, 1, 0.5]);
    expect(rows[1]?.median).toEqual(measurement(800));
  });

  it('has no ratio without a ceiling', () => {
    expect(sharedRows([{ load: load('a'), who: 'Sluice', samples: [measurement(1)] }])[0]?.ratio).toBeNull();
  });
});
