import { ABANDONED_GRACE } from '../../buckets/rest-bucket.js';
import type { BucketKnowledge } from '../../rules/bucket-state.js';
import { MAX_WAIT } from '../../rules/headers.js';
import type { AuthenticationKnowledge, KeptBucket, ManagerKnowledge } from '../../rules/knowledge.js';
import type { SubLimitKnowledge } from '../../rules/sub-limits.js';
import type { Duration, LocalInstant, ServerInstant } from '../../rules/units.js';
import type { WindowKnowledge } from '../../rules/window.js';
import type { WindowKind } from '../../rules/window-kind.js';

/** What a snapshot says it is. */
export const SNAPSHOT_FORMAT = 'sluice-snapshot';

/** Changes whenever an older reader would misunderstand what is written. */
export const SNAPSHOT_VERSION = 2;

/** How many of one thing a snapshot holds: further buckets are left out, and longer lists are refused. */
export const MOST_ENTRIES = 1_000_000;

/** An instant in ms from that of the snapshot; one that had passed is negative. */
export type SnapshotInstant = number;

/** The end of a hold, or that it has none. */
export type SnapshotEnd = SnapshotInstant | 'forever';

/**
 * What a manager has learned, as plain JSON: for `restore` in a process to come. It holds digests in place of tokens.
 * What does not apply is left out.
 */
export interface ManagerSnapshot {
  readonly format: typeof SNAPSHOT_FORMAT;
  readonly version: typeof SNAPSHOT_VERSION;
  /** When it was taken, by the wall clock, in ms since the Unix epoch. All other instants count from then. */
  readonly takenAt: number;
  /** The IP address: until when it is banned, and its invalid requests of the last period. */
  readonly address: {
    readonly bannedUntil?: SnapshotEnd;
    readonly invalid: readonly { readonly at: SnapshotInstant; readonly count: number }[];
  };
  /** Digests of authorizations, and hashes of webhooks' major parameters, with which nothing is sent. */
  readonly locks: {
    readonly authorizations: readonly string[];
    readonly webhooks: readonly { readonly majors: string; readonly until: SnapshotEnd }[];
  };
  readonly authentications: readonly AuthenticationSnapshot[];
}

/** What was learned of one authentication. */
export interface AuthenticationSnapshot {
  /** Digest of the authorization; `none` for requests without one. */
  readonly digest: string;
  /** The global limit: until when everything is held, and when the requests of the last second ended. */
  readonly global: { readonly heldUntil?: SnapshotEnd; readonly ends: readonly SnapshotInstant[] };
  /** Whether the routes of a hash count apart, and how often they were joined again. */
  readonly sharing: readonly { readonly hash: string; readonly isSplit: boolean; readonly joins: number }[];
  /** Routes with a hash, or without limits. */
  readonly routes: readonly { readonly identity: string; readonly hash?: string; readonly isUnlimited?: true }[];
  readonly buckets: readonly BucketSnapshot[];
}

/** What was learned of one bucket. */
export interface BucketSnapshot {
  readonly hash?: string;
  /** Where it is not that of all routes of its hash. */
  readonly route?: string;
  readonly majors: string;
  readonly heldUntil?: SnapshotEnd;
  /** Until when requests go one at a time. */
  readonly cautiousUntil?: SnapshotEnd;
  readonly window?: WindowSnapshot;
  readonly subLimits?: readonly SubLimitSnapshot[];
}

/** What was learned of a window. */
export interface WindowSnapshot {
  /** The route whose answers told of it; empty when it was stated by hand. */
  readonly route: string;
  readonly kind: WindowKind;
  readonly limit: number;
  /** The least `remaining` that was told. */
  readonly left: number;
  /** The earliest instant of the reset, where the server's clock does not tell it. */
  readonly earliest?: SnapshotInstant;
  /** The latest instant of the reset. */
  readonly latest: SnapshotInstant;
  /** The reset by the server's clock, in ms since the Unix epoch. */
  readonly server?: ServerInstant;
  readonly unit: Duration;
  readonly longestReset: Duration;
  /** Requests without an answer, those in flight included, and when they were counted at the latest. */
  readonly lost?: { readonly count: number; readonly at: SnapshotInstant };
}

/** What was learned of a limit that no header shows. */
export interface SubLimitSnapshot {
  /** Left out when it concerns every request. */
  readonly fields?: readonly string[];
  readonly count: number;
  readonly period: Duration;
  readonly endsAt: SnapshotInstant;
  readonly used: number;
}

/** The numbers that a field of a snapshot can be. */
export interface Range {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: true;
}

const FAR: Duration = 1e13;

/** What the numbers of a snapshot can be: all that real answers can have led to. */
export const RANGES = {
  takenAt: { least: 0, most: 8.64e15 },
  /** Ends of holds that callers may ask for. */
  end: { least: -FAR, most: FAR },
  /** Resets, which answers tell. */
  reset: { least: -FAR, most: 2 * MAX_WAIT },
  /** What has happened. */
  past: { least: -FAR, most: 0 },
  /** What has happened by now, or will have if it was under way. */
  arrival: { least: -FAR, most: ABANDONED_GRACE + 1 },
  server: { least: 0, most: 8.64e15 },
  duration: { least: 0, most: 2 * MAX_WAIT },
  unit: { least: Number.MIN_VALUE, most: 2 * MAX_WAIT },
  lost: { least: 1, most: 1e6, isWhole: true },
  limit: { least: 1, most: Number.MAX_SAFE_INTEGER, isWhole: true },
  count: { least: 0, most: Number.MAX_SAFE_INTEGER, isWhole: true },
} as const satisfies Record<string, Range>;

/** Whether a number can be that of a field. */
export function isWithin(value: number, { least, most, isWhole }: Range): boolean {
  return value >= least && value <= most && (!isWhole || Number.isInteger(value));
}

/** Writes down what a manager knows at `now`, which is `takenAt` by the wall clock. */
export function writeSnapshot(known: ManagerKnowledge, now: LocalInstant, takenAt: number): ManagerSnapshot {
  const { guard, locks, authentications } = known;
  return {
    format: SNAPSHOT_FORMAT,
    version: SNAPSHOT_VERSION,
    takenAt,
    address: {
      ...writeEnd('bannedUntil', guard.bannedUntil, now),
      invalid: guard.invalid.map(({ at, count }) => ({ at: since(now, at, RANGES.past), count })),
    },
    locks: {
      authorizations: [...locks.authorizations],
      webhooks: locks.webhooks.map(({ majors, until }) => ({ majors, until: endSince(now, until) })),
    },
    authentications: authentications.map((authentication) => writeAuthentication(authentication, now)),
  };
}

function writeAuthentication(known: AuthenticationKnowledge, now: LocalInstant): AuthenticationSnapshot {
  const { digest, gate, sharing, routes, buckets } = known;
  return {
    digest,
    global: {
      ...writeEnd('heldUntil', gate.heldUntil, now),
      ends: gate.ends.map((end) => since(now, end, RANGES.arrival)),
    },
    sharing: sharing.map(({ hash, isSplit, joins }) => ({ hash, isSplit, joins })),
    routes: routes.map(({ identity, hash, isUnlimited }) => ({
      identity,
      ...(hash !== undefined && { hash }),
      ...(isUnlimited && { isUnlimited }),
    })),
    buckets: buckets.slice(0, MOST_ENTRIES).map((bucket) => writeBucket(bucket, now)),
  };
}

function writeBucket({ hash, route, majors, state }: KeptBucket, now: LocalInstant): BucketSnapshot {
  const window = writeWindow(state, now);
  return {
    ...(hash !== undefined && { hash }),
    ...(route !== undefined && { route }),
    majors,
    ...writeEnd('heldUntil', state.heldUntil, now),
    ...writeEnd('cautiousUntil', state.cautiousUntil, now),
    ...(window && { window }),
    ...(state.subLimits.length > 0 && { subLimits: state.subLimits.map((limit) => writeSubLimit(limit, now)) }),
  };
}

function writeWindow({ route, window }: BucketKnowledge, now: LocalInstant): WindowSnapshot | undefined {
  if (window === undefined || !isBelievable(window)) return undefined;
  const { kind, limit, left, reset, unit, longestReset, lost, lastLostAt } = window;
  return {
    route,
    kind,
    limit,
    left,
    ...(reset.earliest !== undefined && { earliest: since(now, reset.earliest, RANGES.reset) }),
    latest: since(now, reset.latest, RANGES.reset),
    ...(reset.server !== undefined && { server: reset.server }),
    unit,
    longestReset,
    ...(lost > 0 && { lost: { count: Math.min(lost, RANGES.lost.most), at: since(now, lastLostAt, RANGES.arrival) } }),
  };
}

/** Callers may state a window by hand, and so anything. */
function isBelievable({ limit, left, unit, longestReset, reset }: WindowKnowledge): boolean {
  return (
    isWithin(limit, RANGES.limit) &&
    isWithin(left, RANGES.count) &&
    isWithin(unit, RANGES.unit) &&
    isWithin(longestReset, RANGES.duration) &&
    !Number.isNaN(reset.latest)
  );
}

function writeSubLimit(
  { fields, count, period, endsAt, used }: SubLimitKnowledge,
  now: LocalInstant,
): SubLimitSnapshot {
  return { ...(fields && { fields }), count, period, endsAt: since(now, endsAt, RANGES.reset), used };
}

/** The end of a hold under its name, unless it is over. */
function writeEnd<Name extends string>(
  name: Name,
  until: LocalInstant,
  now: LocalInstant,
): { readonly [K in Name]?: SnapshotEnd } {
  return until > now ? ({ [name]: endSince(now, until) } as { [K in Name]: SnapshotEnd }) : {};
}

function endSince(now: LocalInstant, until: LocalInstant): SnapshotEnd {
  return until === Number.POSITIVE_INFINITY ? 'forever' : since(now, until, RANGES.end);
}

function since(now: LocalInstant, instant: LocalInstant, { least, most }: Range): SnapshotInstant {
  return Math.min(Math.max(instant - now, least), most);
}
