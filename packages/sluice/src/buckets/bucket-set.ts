import { type CompiledRoute, HASH_SEPARATOR, UNKNOWN_HASH } from '../routes/route.js';
import { standInRoute } from '../routes/stand-in.js';
import type { BucketHost } from './bucket-host.js';
import { BucketMap } from './bucket-map.js';
import type { Home } from './home.js';
import type { SetKey } from './restored-buckets.js';

/** Of whom the buckets of a set are. */
export interface SetOwner extends BucketHost {
  /** Digest of the authorization. */
  readonly digest: string;
}

/**
 * The buckets of one hash, of one route of a hash whose routes count apart, or of routes that have none; by the hash of
 * their major parameters.
 */
export class BucketSet extends BucketMap implements Home {
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
