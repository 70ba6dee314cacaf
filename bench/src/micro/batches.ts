import { Bench } from 'tinybench';
import type { Effort } from './group.js';
import { median } from './statistics.js';

/** A batch of operations that is timed as one, because a single operation is shorter than reading the clock. */
export interface Batch {
  readonly operations: number;
  run(): unknown;
  /** Called before each batch, outside the measured time. */
  prepare?(): void;
}

/** The least number of measured batches, however slow they are. */
const LEAST_BATCHES = 3;

/** Nanoseconds per operation: the median of the batches that tinybench measured after warming up. */
export async function timeBatches(effort: Effort, batch: Batch): Promise<number> {
  const { time, warmUpTime: warmupTime } = effort;
  const least = effort.rounds === 1 ? 1 : LEAST_BATCHES;
  const bench = new Bench({ time, warmupTime, iterations: least, warmupIterations: least, throws: true });
  bench.add('batch', () => batch.run(), { beforeEach: () => batch.prepare?.() });
  await bench.warmup();
  const [task] = await bench.run();
  return nanoseconds(median(task?.result?.samples ?? []), batch.operations);
}

/**
 * Nanoseconds per operation of a run that is too long, or changes too much, to be a batch: the median of the later half
 * of some rounds. The earlier half warms up.
 */
export async function timeRounds(effort: Effort, operations: number, round: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  const start = performance.now();
  const elapsed = () => performance.now() - start;
  const least = effort.warmUpTime + effort.time;
  do times.push(await round());
  while ((times.length < effort.rounds || elapsed() < least) && elapsed() < effort.roundsTime);
  return nanoseconds(median(times.slice(Math.floor(times.length / 2))), operations);
}

/** The time of an action, in ms. */
export async function timeOf(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function nanoseconds(milliseconds: number, operations: number): number {
  return (milliseconds * 1e6) / operations;
}
