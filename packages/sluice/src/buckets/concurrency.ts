/**
 * Which requests of one bucket may be in flight together.
 *
 * - `writes-in-order` (default): POST, PUT, PATCH and DELETE leave one after another, as the order of their effects
 *   matters; GET and HEAD run together.
 * - `serial`: one request at a time.
 * - `parallel`: as many as the limits allow.
 *
 * A route without limits runs in parallel unless `serial` is asked for.
 */
export type Concurrency = 'writes-in-order' | 'serial' | 'parallel';
