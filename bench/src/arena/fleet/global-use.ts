import type { Arrival, Verdict } from '@sluice/simulator';

const SECOND = 1_000;

/** Refusals by the global limit itself, and verdicts that never reached it. */
const UNCOUNTED: readonly Verdict[] = ['global', 'banned', 'unauthorized', 'failed', 'unreached'];

/**
 * The share of the global limit that was used from the first to the last request that it counted. Each of these
 * requests occupies a place for one second. All requests of a fleet carry its token, so all count.
 *
 * @param limit - requests per second
 */
export function globalUse(journal: readonly Arrival[], limit: number): number {
  const times = journal.filter(({ verdict }) => !UNCOUNTED.includes(verdict)).map(({ time }) => time);
  const [first] = times;
  const last = times.at(-1);
  if (first === undefined || last === undefined) return 0;
  return shareOf(times.length, last - first, limit);
}

/**
 * The same for a fleet that took `drainMs` from its first departure to its last response, one round trip of it in
 * transit.
 */
export function globalUseWithin(requests: number, drainMs: number, rtt: number, limit: number): number {
  return shareOf(requests, Math.max(0, drainMs - rtt), limit);
}

function shareOf(requests: number, span: number, limit: number): number {
  return (requests * SECOND) / (limit * (span + SECOND));
}
