import { SnapshotError } from '../../errors.js';
import type { BucketKnowledge } from '../../rules/bucket-state.js';
import { isBucketHash } from '../../rules/headers.js';
import type {
  AuthenticationKnowledge,
  GateKnowledge,
  GuardKnowledge,
  KeptBucket,
  LockKnowledge,
  ManagerKnowledge,
  RouteKnowledge,
} from '../../rules/knowledge.js';
import type { SubLimitKnowledge } from '../../rules/sub-limits.js';
import type { LocalInstant } from '../../rules/units.js';
import type { WindowKnowledge } from '../../rules/window.js';
import type { WindowKind } from '../../rules/window-kind.js';
import { isDigest } from '../digest.js';
import { RANGES, type Range, SNAPSHOT_FORMAT, SNAPSHOT_VERSION } from './snapshot-format.js';
import { Section } from './snapshot-section.js';

const KINDS: readonly WindowKind[] = ['fixed', 'sliding', 'unknown'];

/** The wall clock counts whole ms, so that two readings may be this much further apart than they were. */
const WALL_PRECISION = 1;

/**
 * Reads a snapshot in full, and puts its instants on the clock that shows `now`.
 *
 * @param wallNow The current time by the wall clock. If that has stepped back, no time has passed: the safe side.
 * @throws SnapshotError that names the field, when anything is not as it must be.
 */
export function readSnapshot(snapshot: unknown, now: LocalInstant, wallNow: number): ManagerKnowledge {
  const root = new Section(snapshot, '');
  checkFormat(root);
  const passed = Math.max(0, wallNow - root.number('takenAt', RANGES.takenAt) - WALL_PRECISION);
  return new SnapshotReader(now - passed).manager(root);
}

function checkFormat(root: Section): void {
  if (root.raw('format') !== SNAPSHOT_FORMAT) {
    throw new SnapshotError('This is no snapshot of a Sluice manager. Nothing was restored.', 'format');
  }
  if (root.raw('version') !== SNAPSHOT_VERSION) {
    const message = `The snapshot has a version other than ${SNAPSHOT_VERSION}, the only one that is understood.`;
    throw new SnapshotError(`${message} Nothing was restored.`, 'version');
  }
}

class SnapshotReader {
  readonly #takenAt: LocalInstant;

  constructor(takenAt: LocalInstant) {
    this.#takenAt = takenAt;
  }

  manager(section: Section): ManagerKnowledge {
    return {
      guard: this.#guard(section.section('address')),
      locks: this.#locks(section.section('locks')),
      authentications: section.sections('authentications').map((each) => this.#authentication(each)),
    };
  }

  #guard(section: Section): GuardKnowledge {
    return {
      bannedUntil: this.#end(section, 'bannedUntil'),
      invalid: section.sections('invalid').map((each) => ({
        at: this.#instant(each, 'at', RANGES.past),
        count: each.number('count', RANGES.count),
      })),
    };
  }

  #locks(section: Section): LockKnowledge {
    return {
      authorizations: section.texts('authorizations'),
      webhooks: section.sections('webhooks').map((each) => ({
        majorKey: each.text('majors'),
        until: this.#end(each, 'until'),
      })),
    };
  }

  #authentication(section: Section): AuthenticationKnowledge {
    const digest = section.text('digest');
    if (!isDigest(digest)) section.refuse('digest', 'the digest of an authorization');
    return {
      digest,
      gate: this.#gate(section.section('global')),
      sharing: section.sections('sharing').map((each) => ({
        hash: readHash(each),
        isSplit: each.flag('isSplit'),
        joins: each.number('joins', RANGES.count),
      })),
      routes: section.sections('routes').map(readRoute),
      buckets: section.sections('buckets').map((each) => this.#bucket(each)),
    };
  }

  #gate(section: Section): GateKnowledge {
    const ends = section.numbers('ends', RANGES.arrival).sort((a, b) => a - b);
    return { heldUntil: this.#end(section, 'heldUntil'), ends: ends.map((end) => this.#takenAt + end) };
  }

  #bucket(section: Section): KeptBucket {
    if (!section.has('hash') && !section.has('route')) section.refuse('route', 'given where there is no hash');
    return {
      hash: section.has('hash') ? readHash(section) : undefined,
      route: section.has('route') ? section.text('route') : undefined,
      majorKey: section.text('majors'),
      state: this.#state(section),
    };
  }

  #state(section: Section): BucketKnowledge {
    const window = section.has('window') ? section.section('window') : undefined;
    return {
      heldUntil: this.#end(section, 'heldUntil'),
      cautiousUntil: this.#end(section, 'cautiousUntil'),
      route: window?.text('route') ?? '',
      window: window && this.#window(window),
      subLimits: section.has('subLimits') ? section.sections('subLimits').map((each) => this.#subLimit(each)) : [],
    };
  }

  #window(section: Section): WindowKnowledge {
    const lost = section.has('lost') ? section.section('lost') : undefined;
    return {
      kind: section.oneOf('kind', KINDS),
      limit: section.number('limit', RANGES.limit),
      left: section.number('left', RANGES.count),
      reset: {
        earliest: section.has('earliest') ? this.#instant(section, 'earliest', RANGES.reset) : undefined,
        latest: this.#instant(section, 'latest', RANGES.reset),
        server: section.has('server') ? section.number('server', RANGES.server) : undefined,
      },
      unit: section.number('unit', RANGES.unit),
      longestReset: section.number('longestReset', RANGES.duration),
      // Every request that leaves from now on is later.
      knownSince: 0,
      lost: lost?.number('count', RANGES.lost) ?? 0,
      lastLostAt: lost ? this.#instant(lost, 'at', RANGES.arrival) : Number.NEGATIVE_INFINITY,
    };
  }

  #subLimit(section: Section): SubLimitKnowledge {
    return {
      fields: section.has('fields') ? section.texts('fields') : undefined,
      count: section.number('count', RANGES.limit),
      period: section.number('period', RANGES.duration),
      endsAt: this.#instant(section, 'endsAt', RANGES.reset),
      used: section.number('used', RANGES.count),
    };
  }

  #instant(section: Section, name: string, range: Range): LocalInstant {
    return this.#takenAt + section.number(name, range);
  }

  /** The end of a hold; one that is left out is over. */
  #end(section: Section, name: string): LocalInstant {
    if (!section.has(name)) return Number.NEGATIVE_INFINITY;
    return section.raw(name) === 'forever' ? Number.POSITIVE_INFINITY : this.#instant(section, name, RANGES.end);
  }
}

function readHash(section: Section): string {
  const hash = section.text('hash');
  return isBucketHash(hash) ? hash : section.refuse('hash', 'a bucket hash');
}

function readRoute(section: Section): RouteKnowledge {
  const identity = section.text('identity');
  const isUnlimited = section.has('isUnlimited') && section.flag('isUnlimited');
  if (section.has('hash') === isUnlimited) section.refuse('hash', 'given if, and only if, the route has limits');
  return { identity, hash: isUnlimited ? undefined : readHash(section), isUnlimited };
}
