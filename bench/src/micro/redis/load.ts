/** A load: the number of processes, buckets and callers. */
export interface Load {
  readonly title: string;
  readonly processes: number;
  readonly buckets: number;
  /** Callers in each process; each asks for one decision after another. */
  readonly callers: number;
}

/** The length of a measurement, in ms. */
export interface Duration {
  readonly warmUp: number;
  readonly time: number;
}

export const FULL_DURATION: Duration = { warmUp: 1_000, time: 2_000 };
export const SMOKE_DURATION: Duration = { warmUp: 20, time: 100 };

const CALLERS = 64;

/** One caller that waits for each decision: a bot that sends now and then. */
const ALONE: Load = { title: 'alone: 1 process, 1 bucket, 1 caller', processes: 1, buckets: 1, callers: 1 };

export const FULL_LOADS: readonly Load[] = [
  ALONE,
  ...[1, 2, 8].flatMap((processes) => [1, 100, 10_000].map((buckets) => loadOf(processes, buckets))),
];

export const SMOKE_LOADS: readonly Load[] = [ALONE, loadOf(2, 10)];

function loadOf(processes: number, buckets: number): Load {
  const title = `${counted(processes, 'process', 'es')}, ${counted(buckets, 'bucket', 's')}, ${CALLERS} callers in each process`;
  return { title, processes, buckets, callers: CALLERS };
}

function counted(count: number, noun: string, plural: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : plural}`;
}
