import type { RESTBucket } from '../buckets/rest-bucket.js';
import type { CompiledRoute, Route } from '../routes/route.js';
import type { Authentication } from './authentication.js';

type Authentications = () => Iterable<Authentication>;

/** A read-only view of which bucket hash answers told for each route. Iterates `[route identity, hash]`. */
export class RoutesToHashes implements Iterable<[identity: string, hash: string]> {
  readonly #authentications: Authentications;

  /** @internal */
  constructor(authentications: Authentications) {
    this.#authentications = authentications;
  }

  /** How many routes have a known hash. */
  get size(): number {
    return [...this].length;
  }

  /** The hash of a route, given as itself or by its identity; `undefined` while it is not known. */
  get(route: Route | CompiledRoute | string): string | undefined {
    const identity = typeof route === 'string' ? route : route.identity;
    for (const authentication of this.#authentications()) {
      const hash = authentication.hashOf(identity);
      if (hash !== undefined) return hash;
    }
    return undefined;
  }

  has(route: Route | CompiledRoute | string): boolean {
    return this.get(route) !== undefined;
  }

  *[Symbol.iterator](): Generator<[identity: string, hash: string]> {
    const told = new Set<string>();
    for (const authentication of this.#authentications()) {
      for (const [identity, hash] of authentication.hashes()) {
        if (!told.has(identity)) yield [identity, hash];
        told.add(identity);
      }
    }
  }
}

/** A read-only view of the buckets of a manager, known and unknown. Iterates `[name, bucket]`. */
export class RealHashesToBuckets implements Iterable<[name: string, bucket: RESTBucket]> {
  readonly #authentications: Authentications;

  /** @internal */
  constructor(authentications: Authentications) {
    this.#authentications = authentications;
  }

  /** How many buckets there are. */
  get size(): number {
    let size = 0;
    for (const authentication of this.#authentications()) {
      for (const buckets of authentication.bucketSets()) size += buckets.size;
    }
    return size;
  }

  /** The bucket with this name, in time that grows with the number of buckets: for tests and inspection. */
  get(name: string): RESTBucket | undefined {
    for (const [candidate, bucket] of this) if (candidate === name) return bucket;
    return undefined;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  *keys(): Generator<string> {
    for (const [name] of this) yield name;
  }

  *values(): Generator<RESTBucket> {
    for (const [, bucket] of this) yield bucket;
  }

  *[Symbol.iterator](): Generator<[name: string, bucket: RESTBucket]> {
    for (const authentication of this.#authentications()) {
      for (const buckets of authentication.bucketSets()) {
        for (const bucket of buckets.values()) yield [bucket.name, bucket];
      }
    }
  }
}
