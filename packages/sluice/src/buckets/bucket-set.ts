import type { BucketIdentity } from '../coordination/ledger.js';
import type { SetKey } from '../manager/snapshot/restored-buckets.js';
import { type CompiledRoute, HASH_SEPARATOR, UNKNOWN_HASH } from '../routes/route.js';
import { standInRoute } from '../routes/stand-in.js';
import type { BucketGroup } from './bucket-group.js';
import type { BucketHost } from './bucket-host.js';
import { BucketMap } from './bucket-map.js';
import { routesOf } from './route-pairs.js';

/** What the store calls the bucket of a pair of routes whose hash is not known. */
export function unknownName(majors: string, pair: string): string {
  return UNKNOWN_HASH + HASH_SEPARATOR + majors + HASH_SEPARATOR + pair;
}

/** Of whom the buckets of a set are. */
export interface SetOwner extends BucketHost {
  /** Digest of the authorization. */
  readonly digest: string;
}

/**
 * The buckets of one hash, of one route of a hash whose routes count apart, or of routes that have none; by the hash of
 * their major parameters.
 */
export class BucketSet extends BucketMap implements BucketGroup {
  readonly host: SetOwner;
  readonly hash: string | undefined;
  readonly key: SetKey;
  /** The route that the set was made for. */
  readonly #identity: string;

  constructor(host: SetOwner, key: SetKey, identity: string) {
    super();
    this.host = host;
    this.key = key;
    this.#identity = identity;
    this.hash = key.hash;
  }

  get isUnknown(): boolean {
    return this.hash === undefined;
  }

  /** Without the authentication, as the store has a place for each. Unknown buckets name the routes they may be of. */
  identityOf(majors: string): BucketIdentity {
    const { hash, route } = this.key;
    if (hash === undefined) {
      const pair = route ?? this.#identity;
      return { name: unknownName(majors, pair), routes: routesOf(pair) };
    }
    const name = hash + HASH_SEPARATOR + majors;
    return route === undefined
      ? { name, hash }
      : { name: name + HASH_SEPARATOR + route, hash, apart: true, parent: name };
  }

  /** The real bucket hash; with the route where another set has the same hash, or none. */
  nameOf(majors: string): string {
    const { hash = UNKNOWN_HASH, route } = this.key;
    const name = hash + HASH_SEPARATOR + this.host.digest + HASH_SEPARATOR + majors;
    return route === undefined ? name : name + HASH_SEPARATOR + route;
  }

  routeOf(majors: string, identity: string): CompiledRoute {
    return standInRoute(identity || this.#identity, majors);
  }
}
