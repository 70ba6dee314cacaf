import type { BucketKnowledge } from '../../rules/bucket-state.js';
import type { AuthenticationKnowledge, KeptBucket, ManagerKnowledge } from '../../rules/knowledge.js';
import type { SubLimitKnowledge } from '../../rules/sub-limits.js';
import type { LocalInstant } from '../../rules/units.js';
import type { WindowKnowledge } from '../../rules/window.js';
import type {
  AuthenticationSnapshot,
  BucketSnapshot,
  ManagerSnapshot,
  SnapshotEnd,
  SnapshotInstant,
  SubLimitSnapshot,
  WindowSnapshot,
} from './snapshot.js';
import { isWithin, MOST_ENTRIES, RANGES, type Range, SNAPSHOT_FORMAT, SNAPSHOT_VERSION } from './snapshot-format.js';

/** Writes the knowledge of a manager at `now`, which is `takenAt` by the wall clock. */
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
      webhooks: locks.webhooks.map(({ majorKey, until }) => ({ majors: majorKey, until: endSince(now, until) })),
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

function writeBucket({ hash, route, majorKey, state }: KeptBucket, now: LocalInstant): BucketSnapshot {
  const window = writeWindow(state, now);
  return {
    ...(hash !== undefined && { hash }),
    ...(route !== undefined && { route }),
    majors: majorKey,
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

/** Callers may state a window by hand, with any numbers. */
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
