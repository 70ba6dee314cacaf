import type { BucketKnowledge } from './bucket-state.js';
import type { GroupingKnowledge } from './grouping.js';
import type { InvalidCount } from './invalid-requests.js';
import type { LocalInstant } from './units.js';

/** What a manager has learned, as plain values on its own clock: all that outlives it. */
export interface ManagerKnowledge {
  readonly guard: GuardKnowledge;
  readonly locks: LockKnowledge;
  readonly authentications: readonly AuthenticationKnowledge[];
}

/** What a guard knows of its IP address. */
export interface GuardKnowledge {
  readonly bannedUntil: LocalInstant;
  readonly invalid: readonly InvalidCount[];
}

/** Authorizations (digests) and webhooks (hashes of major parameters) with which nothing is sent. */
export interface LockKnowledge {
  readonly authorizations: readonly string[];
  readonly webhooks: readonly { readonly majors: string; readonly until: LocalInstant }[];
}

/** What is known of one authentication. */
export interface AuthenticationKnowledge {
  readonly digest: string;
  readonly gate: GateKnowledge;
  readonly sharing: readonly ({ readonly hash: string } & GroupingKnowledge)[];
  readonly routes: readonly RouteKnowledge[];
  readonly buckets: readonly KeptBucket[];
}

/** What is known of one authentication's global limit. */
export interface GateKnowledge {
  readonly heldUntil: LocalInstant;
  /** When the requests of the last second ended, oldest first. */
  readonly ends: readonly LocalInstant[];
}

/** What is known of one route. */
export interface RouteKnowledge {
  readonly identity: string;
  readonly hash: string | undefined;
  readonly isUnlimited: boolean;
}

/** What is known of one bucket, and where it belongs. */
export interface KeptBucket {
  /** `undefined` where no answer has told one. */
  readonly hash: string | undefined;
  /** The route, or pair of routes, whose bucket it is; `undefined` when it is that of all routes of its hash. */
  readonly route: string | undefined;
  /** The hash of its major parameters. */
  readonly majors: string;
  readonly state: BucketKnowledge;
}
