import type { BucketKnowledge } from './bucket-state.js';
import type { GroupingKnowledge } from './grouping.js';
import type { InvalidCount } from './invalid-requests.js';
import type { LocalInstant } from './units.js';

/** All that a manager has learned and a restart keeps, as plain values on the manager's clock. */
export interface ManagerKnowledge {
  readonly guard: GuardKnowledge;
  readonly locks: LockKnowledge;
  readonly authentications: readonly AuthenticationKnowledge[];
}

/** Knowledge of a guard about its IP address. */
export interface GuardKnowledge {
  /** Until when the address is banned; in the past without a ban. */
  readonly bannedUntil: LocalInstant;
  readonly invalid: readonly InvalidCount[];
}

/** Locked authorizations (by digest) and locked webhooks (by major parameters). Nothing is sent with them. */
export interface LockKnowledge {
  readonly authorizations: readonly string[];
  readonly webhooks: readonly { readonly majorKey: string; readonly until: LocalInstant }[];
}

/** Knowledge about one authentication. */
export interface AuthenticationKnowledge {
  readonly digest: string;
  readonly gate: GateKnowledge;
  readonly sharing: readonly ({ readonly hash: string } & GroupingKnowledge)[];
  readonly routes: readonly RouteKnowledge[];
  readonly buckets: readonly KeptBucket[];
}

/** Knowledge about the global limit of one authentication. */
export interface GateKnowledge {
  /** Until when a global hold lasts; in the past without one. */
  readonly heldUntil: LocalInstant;
  /** When the requests of the last second ended, oldest first. */
  readonly ends: readonly LocalInstant[];
}

/** Knowledge about one route. */
export interface RouteKnowledge {
  readonly identity: string;
  readonly hash: string | undefined;
  readonly isUnlimited: boolean;
}

/** The state of one bucket, and what identifies it. */
export interface KeptBucket {
  /** The bucket hash; `undefined` while no response has named it. */
  readonly hash: string | undefined;
  /** The route, or pair of routes, that the bucket belongs to; `undefined` when all routes of the hash share it. */
  readonly route: string | undefined;
  /** The key of its major parameters. */
  readonly majorKey: string;
  readonly state: BucketKnowledge;
}
