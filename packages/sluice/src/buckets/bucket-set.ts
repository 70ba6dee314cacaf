import type { BucketIdentity } from '../coordination/ledger.js';
import { type CompiledRoute, HASH_SEPARATOR, UNKNOWN_HASH } from '../routes/route.js';
import { standInRoute } from '../routes/stand-in.js';
import type { BucketGroup, Desk } from './bucket.js';
import { BucketMap } from './bucket-map.js';
import { routesOf } from './route-pairs.js';

/** Names a set of buckets: that of a hash, of one route of a hash, or of a route or pair of routes without a hash. */
export interface SetKey {
  readonly hash: string | undefined;
  readonly route: string | undefined;
}

/** The name in the store of the bucket of a pair of routes whose hash is not known. */
export function unknownName(majorKey: string, pair: string): string {
  return UNKNOWN_HASH + HASH_SEPARATOR + majorKey + HASH_SEPARATOR + pair;
}

/**
 * The buckets of one hash, of one route of a hash whose routes count apart, or of routes without a hash; by the hash of
 * their major parameters.
 */
export class BucketSet extends BucketMap implements BucketGroup {
  readonly desk: Desk;
  readonly hash: string | undefined;
  readonly key: SetKey;
  /** Digest of the authorization. */
  readonly #digest: string;
  /** The route for which the set was made. */
  readonly #identity: string;

  constructor(desk: Desk, digest: string, key: SetKey, identity: string) {
    super();
    this.desk = desk;
    this.hash = key.hash;
    this.key = key;
    this.#digest = digest;
    this.#identity = identity;
  }

  get isUnknown(): boolean {
    return this.hash === undefined;
  }

  /**
   * Without the digest, as the store has a place for each authentication. Unknown buckets name their possible routes.
   */
  identityOf(majorKey: string): BucketIdentity {
    const { hash, route } = this.key;
    if (hash === undefined) {
      const pair = route ?? this.#identity;
      return { name: unknownName(majorKey, pair), routes: routesOf(pair) };
    }
    const name = hash + HASH_SEPARATOR + majorKey;
    return route === undefined
      ? { name, hash }
      : { name: name + HASH_SEPARATOR + route, hash, apart: true, parent: name };
  }

  /** The real bucket hash; with the route where another set has the same hash, or no hash. */
  nameOf(majorKey: string): string {
    const { hash = UNKNOWN_HASH, route } = this.key;
    const name = hash + HASH_SEPARATOR + this.#digest + HASH_SEPARATOR + majorKey;
    return route === undefined ? name : name + HASH_SEPARATOR + route;
  }

  routeOf(majorKey: string, identity: string): CompiledRoute {
    return standInRoute(identity || this.#identity, majorKey);
  }
}
