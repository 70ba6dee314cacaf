import type { RESTBucket } from '../buckets/rest-bucket.js';
import type { CompiledRoute, Route } from '../routes/route.js';

/** The bucket hash of each route, by the route's identity, as responses have shown it. */
export interface RoutesToHashes extends ReadonlyMap<string, string> {
  /** The hash of a route, given as itself or by its identity; `undefined` while it is not known. */
  get(route: Route | CompiledRoute | string): string | undefined;
  has(route: Route | CompiledRoute | string): boolean;
}

/** The buckets of a manager, known and unknown, by their names. */
export interface RealHashesToBuckets extends ReadonlyMap<string, RESTBucket> {
  /** The bucket with this name, in time that grows with the number of buckets: for tests and inspection. */
  get(name: string): RESTBucket | undefined;
}
