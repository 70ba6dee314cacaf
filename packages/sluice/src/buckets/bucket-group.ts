import type { BucketIdentity } from '../coordination/ledger.js';
import { type CompiledRoute, UNKNOWN_HASH } from '../routes/route.js';
import type { BucketHost } from './bucket-host.js';

/** Where a bucket belongs: what all the buckets beside it have in common. */
export interface BucketGroup {
  readonly host: BucketHost;
  /** The bucket hash they have in common. */
  readonly hash: string | undefined;
  /** Whether no answer has told yet which bucket hash they have. */
  readonly isUnknown: boolean;
  /** What the store calls the bucket with these major parameters. */
  identityOf(majors: string): BucketIdentity;
  /** The name of the bucket with these major parameters. */
  nameOf(majors: string): string;
  /** A request that the bucket with these major parameters limits; of the route with this identity, if any. */
  routeOf(majors: string, identity: string): CompiledRoute;
}

/** The home of a bucket that has a name of its own. */
export class NamedGroup implements BucketGroup {
  readonly host: BucketHost;
  readonly hash = undefined;
  readonly #name: string;
  readonly #route: CompiledRoute;

  constructor(host: BucketHost, name: string, route: CompiledRoute) {
    this.host = host;
    this.#name = name;
    this.#route = route;
  }

  get isUnknown(): boolean {
    return this.#name.startsWith(UNKNOWN_HASH);
  }

  identityOf(): BucketIdentity {
    return { name: this.#name };
  }

  nameOf(): string {
    return this.#name;
  }

  routeOf(): CompiledRoute {
    return this.#route;
  }
}
