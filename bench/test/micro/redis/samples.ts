import type { Load } from '../../../src/micro/redis/load.js';
import type { Measurement } from '../../../src/micro/redis/measuring.js';

export function load(title: string): Load {
  return { title, processes: 2, buckets: 100, callers: 64 };
}

/** A measurement with a given number of decisions per second. */
export function measurement(throughput: number): Measurement {
  return { throughput, p50: 0.5, p99: 2, scripts: 0.016, commands: 2.03, serverTime: 4.5 };
}
