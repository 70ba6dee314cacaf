import type { SetKey } from '../../buckets/bucket-set.js';
import { HASH_SEPARATOR } from '../../routes/route.js';
import type { BucketState } from '../../rules/bucket-state.js';
import type { Duration, LocalInstant } from '../../rules/units.js';
import { gcState } from '../gc-state.js';

/**
 * The knowledge of buckets from before a restart, kept until the first request of each: only a request has the route
 * that a bucket needs.
 */
export class RestoredBuckets {
  /** By the key of their set, then by the hash of their major parameters. */
  readonly #sets = new Map<string, Map<string, BucketState>>();

  get isEmpty(): boolean {
    return this.#sets.size === 0;
  }

  add(key: SetKey, majorKey: string, state: BucketState): void {
    const name = nameOf(key);
    const set = this.#sets.get(name) ?? new Map<string, BucketState>();
    this.#sets.set(name, set);
    set.set(majorKey, state);
  }

  /** Takes out the knowledge of one bucket. */
  take(key: SetKey, majorKey: string): BucketState | undefined {
    const name = nameOf(key);
    const set = this.#sets.get(name);
    const state = set?.get(majorKey);
    if (state !== undefined) this.#delete(name, majorKey);
    return state;
  }

  /** The routes of a hash turned out to count apart: each window belongs to the route whose responses showed it. */
  split(hash: string): void {
    const set = this.#sets.get(hash);
    this.#sets.delete(hash);
    for (const [majorKey, state] of set ?? []) this.add({ hash, route: state.route }, majorKey, state);
  }

  /** The routes of a hash turned out to count together: of their windows, the one that is over last is the safe one. */
  join(hash: string): void {
    for (const [name, set] of [...this.#sets]) {
      if (!name.startsWith(hash + HASH_SEPARATOR)) continue;
      this.#sets.delete(name);
      for (const [majorKey, state] of set) {
        const other = this.#sets.get(hash)?.get(majorKey);
        this.add({ hash, route: undefined }, majorKey, other === undefined ? state : joined(state, other));
      }
    }
  }

  /** Forgets those whose limit reset more than `expireAfter` ago; a step each. */
  *collect(expireAfter: Duration, now: LocalInstant): Generator<void> {
    for (const [name, set] of this.#sets) {
      for (const [majorKey, { idleAt }] of set) {
        if (gcState(false, idleAt, expireAfter, now) === 'dead') this.#delete(name, majorKey);
        yield;
      }
    }
  }

  *[Symbol.iterator](): Generator<[key: SetKey, majorKey: string, state: BucketState]> {
    for (const [name, set] of this.#sets) {
      for (const [majorKey, state] of set) yield [keyOf(name), majorKey, state];
    }
  }

  #delete(name: string, majorKey: string): void {
    const set = this.#sets.get(name);
    set?.delete(majorKey);
    if (set?.size === 0) this.#sets.delete(name);
  }
}

function joined(a: BucketState, b: BucketState): BucketState {
  const [earlier, later] = a.resetAt <= b.resetAt ? [a, b] : [b, a];
  later.inherit(earlier);
  return later;
}

/** No hash holds the separator, so every key has a name of its own. */
function nameOf({ hash = '', route }: SetKey): string {
  return route === undefined ? hash : hash + HASH_SEPARATOR + route;
}

/** The key of a name; every name of a set of known buckets is one. */
export function keyOf(name: string): SetKey {
  const end = name.indexOf(HASH_SEPARATOR);
  if (end < 0) return { hash: name, route: undefined };
  return { hash: name.slice(0, end) || undefined, route: name.slice(end + 1) };
}
