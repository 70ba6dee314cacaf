import { type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** A time span, on the clock of `performance`, in ms. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The stalls of the event loop, in ms. */
export interface Stalls {
  /** The longest time between two turns of the loop. */
  readonly longest: number;
  /** The longest time after the pauses of V8's garbage collector are subtracted from each. */
  readonly longestWithoutGC: number;
}

/** Shorter times between two turns are ignored. */
const SHORTEST = 0.5;

/** Watches the event loop, and keeps it turning, from the next turn until `ended` settles. */
export async function watchEventLoop(ended: Promise<unknown>): Promise<Stalls> {
  const pauses: Span[] = [];
  const observer = new PerformanceObserver((list) => pauses.push(...list.getEntries().map(spanOf)));
  observer.observe({ entryTypes: ['gc'] });
  const gaps = await watchTurns(ended);
  // The observer gets its entries a turn later.
  await turn();
  observer.disconnect();
  return stallsOf(gaps, pauses);
}

/** The times between turns, and their rest after the pauses within them. */
export function stallsOf(gaps: readonly Span[], pauses: readonly Span[]): Stalls {
  const longest = Math.max(0, ...gaps.map(({ start, end }) => end - start));
  const own = gaps.map((gap) => pauses.reduce((left, pause) => left - overlap(gap, pause), gap.end - gap.start));
  return { longest, longestWithoutGC: Math.max(0, ...own) };
}

function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.end, b.end) - Math.max(a.start, b.start));
}

/** The times between turns that are long enough to count. */
async function watchTurns(ended: Promise<unknown>): Promise<Span[]> {
  let isEnded = false;
  const end = () => {
    isEnded = true;
  };
  ended.then(end, end);
  const gaps: Span[] = [];
  await turn();
  let start = performance.now();
  while (!isEnded) {
    await turn();
    const now = performance.now();
    if (now - start >= SHORTEST) gaps.push({ start, end: now });
    start = now;
  }
  await ended;
  return gaps;
}

function spanOf({ startTime, duration }: PerformanceEntry): Span {
  return { start: startTime, end: startTime + duration };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
