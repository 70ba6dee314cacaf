import type { RESTBucket } from '../buckets/rest-bucket.js';
import type { CompiledRoute, Route } from '../routes/route.js';
import type { Authentication } from './authentication.js';
import type { RealHashesToBuckets, RoutesToHashes } from './manager-views.js';

type Authentications = ReadonlyMap<string, Authentication>;

/** A read-only map whose entries are looked up anew at each use. */
abstract class MapView<V> implements ReadonlyMap<string, V> {
  abstract get size(): number;
  abstract get(key: string): V | undefined;
  protected abstract pairs(): Generator<[string, V], undefined, unknown>;

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  entries(): Generator<[string, V], undefined, unknown> {
    return this.pairs();
  }

  *keys(): Generator<string, undefined, unknown> {
    for (const [key] of this.pairs()) yield key;
    return undefined;
  }

  *values(): Generator<V, undefined, unknown> {
    for (const [, value] of this.pairs()) yield value;
    return undefined;
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void, thisArg?: unknown): void {
    for (const [key, value] of this.pairs()) callback.call(thisArg, value, key, this);
  }

  [Symbol.iterator](): Generator<[string, V], undefined, unknown> {
    return this.pairs();
  }
}

/** A view of the hashes of all authentications; the first that knows a route has the say. */
export class HashesView extends MapView<string> implements RoutesToHashes {
  readonly #authentications: Authentications;

  constructor(authentications: Authentications) {
    super();
    this.#authentications = authentications;
  }

  get size(): number {
    return [...this.pairs()].length;
  }

  get(route: Route | CompiledRoute | string): string | undefined {
    const identity = typeof route === 'string' ? route : route.identity;
    for (const { directory } of this.#authentications.values()) {
      const hash = directory.hashOf(identity);
      if (hash !== undefined) return hash;
    }
    return undefined;
  }

  override has(route: Route | CompiledRoute | string): boolean {
    return this.get(route) !== undefined;
  }

  protected *pairs(): Generator<[string, string], undefined, unknown> {
    const seen = new Set<string>();
    for (const { directory } of this.#authentications.values()) {
      for (const [identity, hash] of directory.hashes()) {
        if (!seen.has(identity)) yield [identity, hash];
        seen.add(identity);
      }
    }
    return undefined;
  }
}

/** A view of the buckets of all authentications. */
export class BucketsView extends MapView<RESTBucket> implements RealHashesToBuckets {
  readonly #authentications: Authentications;

  constructor(authentications: Authentications) {
    super();
    this.#authentications = authentications;
  }

  get size(): number {
    let size = 0;
    for (const { directory } of this.#authentications.values()) {
      for (const set of directory.sets()) size += set.size;
    }
    return size;
  }

  get(name: string): RESTBucket | undefined {
    for (const [candidate, bucket] of this.pairs()) if (candidate === name) return bucket;
    return undefined;
  }

  protected *pairs(): Generator<[string, RESTBucket], undefined, unknown> {
    for (const { directory } of this.#authentications.values()) {
      for (const bucket of directory.buckets()) yield [bucket.name, bucket];
    }
    return undefined;
  }
}
