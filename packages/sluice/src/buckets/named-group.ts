import type { BucketIdentity } from '../coordination/ledger.js';
import { type CompiledRoute, UNKNOWN_HASH } from '../routes/route.js';
import type { BucketGroup, Desk } from './bucket.js';

/** The group of a single bucket that has a name of its own. */
export class NamedGroup implements BucketGroup {
  readonly desk: Desk;
  readonly hash = undefined;
  readonly #name: string;
  readonly #route: CompiledRoute;

  constructor(desk: Desk, name: string, route: CompiledRoute) {
    this.desk = desk;
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
