import type { Duration, ServerInstant } from '../../rules/units.js';
import type { WindowKind } from '../../rules/window-kind.js';

/** An instant in ms from that of the snapshot; one that had passed is negative. */
export type SnapshotInstant = number;

/** The end of a hold, or that it has none. */
export type SnapshotEnd = SnapshotInstant | 'forever';

/**
 * The knowledge of a manager, as plain JSON: for `restore` in a later process. It holds digests in place of tokens.
 * Fields that do not apply are left out.
 */
export interface ManagerSnapshot {
  readonly format: 'sluice-snapshot';
  readonly version: 2;
  /** When the snapshot was taken, by the wall clock, in ms since the Unix epoch. All other instants count from then. */
  readonly takenAt: number;
  /** The IP address: the end of its ban, and its invalid requests of the last period. */
  readonly address: {
    readonly bannedUntil?: SnapshotEnd;
    readonly invalid: readonly { readonly at: SnapshotInstant; readonly count: number }[];
  };
  /** Locked credentials: digests of authorizations, and the major parameters of webhooks. */
  readonly locks: {
    readonly authorizations: readonly string[];
    readonly webhooks: readonly { readonly majors: string; readonly until: SnapshotEnd }[];
  };
  readonly authentications: readonly AuthenticationSnapshot[];
}

/** The knowledge of one authentication. */
export interface AuthenticationSnapshot {
  /** Digest of the authorization; `none` for requests without one. */
  readonly digest: string;
  /** The global limit: the end of a hold, and when the requests of the last second ended. */
  readonly global: { readonly heldUntil?: SnapshotEnd; readonly ends: readonly SnapshotInstant[] };
  /** Whether the routes of a hash count apart, and how often they were joined again. */
  readonly sharing: readonly { readonly hash: string; readonly isSplit: boolean; readonly joins: number }[];
  /** Routes with a hash, or without limits. */
  readonly routes: readonly { readonly identity: string; readonly hash?: string; readonly isUnlimited?: true }[];
  readonly buckets: readonly BucketSnapshot[];
}

/** The knowledge of one bucket. */
export interface BucketSnapshot {
  readonly hash?: string;
  /** The route, for a bucket that is not that of all routes of its hash. */
  readonly route?: string;
  readonly majors: string;
  readonly heldUntil?: SnapshotEnd;
  /** The end of the time in which requests leave one at a time. */
  readonly cautiousUntil?: SnapshotEnd;
  readonly window?: WindowSnapshot;
  readonly subLimits?: readonly SubLimitSnapshot[];
}

/** The knowledge of a window. */
export interface WindowSnapshot {
  /** The route whose responses showed the window; empty when the caller stated it. */
  readonly route: string;
  readonly kind: WindowKind;
  readonly limit: number;
  /** The least `remaining` of the responses. */
  readonly left: number;
  /** The earliest instant of the reset, where the server's clock does not give it. */
  readonly earliest?: SnapshotInstant;
  /** The latest instant of the reset. */
  readonly latest: SnapshotInstant;
  /** The reset by the server's clock, in ms since the Unix epoch. */
  readonly server?: ServerInstant;
  readonly unit: Duration;
  readonly longestReset: Duration;
  /** Requests without a response, those in flight included, and the latest instant at which they were counted. */
  readonly lost?: { readonly count: number; readonly at: SnapshotInstant };
}

/** The knowledge of a limit that no header shows. */
export interface SubLimitSnapshot {
  /** Left out when the limit concerns every request. */
  readonly fields?: readonly string[];
  readonly count: number;
  readonly period: Duration;
  readonly endsAt: SnapshotInstant;
  readonly used: number;
}
