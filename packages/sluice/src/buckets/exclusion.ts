import type { Concurrency } from './concurrency.js';

/** The requests that may not be in flight beside a request: none of them, writes, or all. */
export type Exclusion = 'none' | 'writes' | 'all';

/** The exclusion of a request of this method. */
export function exclusionOf(concurrency: Concurrency, method: string): Exclusion {
  if (concurrency === 'serial') return 'all';
  if (concurrency === 'parallel' || method === 'GET' || method === 'HEAD') return 'none';
  return 'writes';
}
