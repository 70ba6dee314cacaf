import type { Arrival } from '@sluice/simulator';

/** More than the requests of any process. */
const PER_PROCESS = 1_000_000;

const READS = ['GET', 'HEAD'];

/** The mark of the first request of a process. */
export function firstMarkOf(process: number): number {
  return process * PER_PROCESS;
}

/**
 * Writes that arrived in their counter after a later write of the same process. Writes of different processes have no
 * order. Unlike the simulator's own count, this one does not know sub-limits.
 */
export function reorderedWithin(journal: readonly Arrival[]): number {
  const highest = new Map<string, number>();
  let reordered = 0;
  for (const { method, counter, mark } of journal) {
    if (counter === null || mark === null || READS.includes(method)) continue;
    const line = `${Math.floor(mark / PER_PROCESS)} ${counter}`;
    const newest = highest.get(line) ?? mark;
    if (mark < newest) reordered += 1;
    highest.set(line, Math.max(mark, newest));
  }
  return reordered;
}
