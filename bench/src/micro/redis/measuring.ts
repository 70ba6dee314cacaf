import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type CallCount, callsBetween } from '../../command-calls.js';
import type { MeasuredRedis } from '../../measured-redis.js';
import { Process } from '../../processes.js';
import { Latencies } from './latencies.js';
import type { Duration, Load } from './load.js';
import type { AskerCount, AskerOrder, AskerReport } from './messages.js';

const ASKER = new URL('asker-process.js', import.meta.url);

/** Longer than any report takes, even that of 80,000 limiters being made. */
const PATIENCE = 120_000;

/** The time until all windows end, in ms: longer than any measurement. */
const WINDOW = 3_600_000;

/** The result of one measurement. */
export interface Measurement {
  /** Decisions per second of all processes together. */
  readonly throughput: number;
  /** Of one decision, in ms. */
  readonly p50: number;
  readonly p99: number;
  /** Script calls per decision: the round trips. */
  readonly scripts: number;
  /** Commands that Redis ran per decision, those within scripts included. */
  readonly commands: number;
  /** The work of Redis per decision, in µs. */
  readonly serverTime: number;
}

/** The work of Redis during the measurement. */
export interface ServerWork extends CallCount {
  /** In µs. */
  readonly processorTime: number;
}

type Asker = Process<AskerOrder, AskerReport>;

/** Measures a contender under a load, in fresh processes and with an empty Redis. */
export async function measureLoad(
  who: string,
  load: Load,
  duration: Duration,
  server: MeasuredRedis,
): Promise<Measurement> {
  await server.flush();
  const askers = Array.from({ length: load.processes }, (): Asker => new Process(ASKER, [who]));
  try {
    await Promise.all(askers.map((asker) => reportOf(asker, 'loaded')));
    await prepare(askers, load, server.url);
    for (const asker of askers) asker.order({ kind: 'ask' });
    await wait(duration.warmUp);
    return await count(askers, duration.time, server);
  } finally {
    await Promise.all(askers.map((asker) => asker.stop()));
  }
}

async function prepare(askers: readonly Asker[], load: Load, url: string): Promise<void> {
  const { processes, buckets, callers } = load;
  const options = { url, prefix: `bench-${randomUUID()}:`, buckets, processes, reset: Date.now() + WINDOW };
  for (const [place, asker] of askers.entries()) asker.order({ kind: 'prepare', place, callers, options });
  await Promise.all(askers.map((asker) => reportOf(asker, 'prepared')));
}

async function count(askers: readonly Asker[], time: number, server: MeasuredRedis): Promise<Measurement> {
  for (const asker of askers) asker.order({ kind: 'count' });
  const before = await usageOf(server);
  await wait(time);
  const after = await usageOf(server);
  for (const asker of askers) asker.order({ kind: 'stop' });
  const counts = await Promise.all(askers.map((asker) => reportOf(asker, 'counted')));
  const processorTime = after.processorTime - before.processorTime;
  return measurementOf(counts, { ...callsBetween(before.calls, after.calls), processorTime });
}

async function usageOf(server: MeasuredRedis) {
  return { calls: await server.commandCalls(), processorTime: await server.processorTime() };
}

/** Adds up the counts of the processes. */
export function measurementOf(
  counts: readonly AskerCount[],
  { scripts, commands, processorTime }: ServerWork,
): Measurement {
  const latencies = new Latencies();
  for (const count of counts) latencies.addAll(new Latencies(count.latencies));
  const decisions = sum(counts.map((count) => count.decisions));
  return {
    throughput: sum(counts.map((count) => (count.decisions / count.time) * 1_000)),
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
    scripts: scripts / decisions,
    commands: commands / decisions,
    serverTime: processorTime / decisions,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function reportOf<Kind extends AskerReport['kind']>(
  asker: Asker,
  kind: Kind,
): Promise<Extract<AskerReport, { kind: Kind }>> {
  const controller = new AbortController();
  const silence = wait(PATIENCE, undefined, { signal: controller.signal }).then(() => {
    throw new Error(`A process was not ${kind} within ${PATIENCE / 1_000} s`);
  });
  try {
    const report = await Promise.race([asker.nextReport(), silence]);
    if (report.kind !== kind) throw new Error(`A process was ${report.kind} before it was ${kind}`);
    return report as Extract<AskerReport, { kind: Kind }>;
  } finally {
    controller.abort();
    silence.catch(() => {});
  }
}
