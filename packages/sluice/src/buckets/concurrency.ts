/**
 * Which requests of one bucket may be under way together.
 *
 * - `writes-in-order` (default): POST, PUT, PATCH and DELETE leave one after another, as the order of their effects
 *   matters; GET and HEAD run together.
 * - `serial`: one request at a time.
 * - `parallel`: as many as the limits allow.
 *
 * A route without limits runs in parallel unless `serial` is asked for.
 */
export type Concurrency = 'writes-in-order' | 'serial' | 'parallel';

const CONCURRENCIES: readonly string[] = ['writes-in-order', 'serial', 'parallel'] satisfies Concurrency[];

/** Whether a value names a policy. */
export function isConcurrency(value: unknown): value is Concurrency {
  return typeof value === 'string' && CONCURRENCIES.includes(value);
}

/** What a request demands of those under way beside it. */
export type Exclusion = 'none' | 'writes' | 'all';

/** What a policy demands for a request of this method. */
export function exclusionOf(concurrency: Concurrency, method: string): Exclusion {
  if (concurrency === 'serial') return 'all';
  if (concurrency === 'parallel' || method === 'GET' || method === 'HEAD') return 'none';
  return 'writes';
}
