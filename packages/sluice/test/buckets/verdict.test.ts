import { describe, expect, it } from 'vitest';
import { Bucket, type BucketGroup, PermitRequest } from '../../src/buckets/bucket.js';
import type { RequestDescription } from '../../src/buckets/request-description.js';
import { OwnTurns } from '../../src/buckets/turns.js';
import { type Rules, verdictAtGate, verdictOn } from '../../src/buckets/verdict.js';
import type { RateLimitTooLongError } from '../../src/errors.js';
import { edit, messages } from './requests.js';

const NOW = 10_000;
const LOCKED = new Error('locked');

// A bucket at rest asks nothing of its group.
const GROUP = {} as BucketGroup;

const RULES: Rules = {
  maxRateLimit: 60_000,
  turns: new OwnTurns(),
  gate: { heldFor: () => 0 },
  errorFor: () => undefined,
};

type Change = (bucket: Bucket) => void;

/** A bucket with a window of five requests of which `remaining` are left until NOW + 1,000. */
function known(remaining: number): Change {
  return ({ state }) => state.set({ limit: 5, remaining, resetAt: NOW + 1_000 }, NOW);
}

const heldFor =
  (duration: number): Change =>
  ({ state }) =>
    state.hold(NOW + duration);

/** The name of the channel may change once in ten seconds, and has changed. */
const nameIsLimited: Change = ({ state }) => {
  const refusal = { fields: ['name'], retryAfter: 10_000, receivedAt: NOW, admitted: [] };
  state.refuse('PATCH /channels/{channel}', refusal);
};

/** A request of the bucket is in flight. */
function inFlight(description: Partial<RequestDescription> = {}): Change {
  return (bucket) => bucket.track(requestOf(bucket, description));
}

function requestOf(bucket: Bucket, description: Partial<RequestDescription>): PermitRequest {
  const usual = {
    route: messages(),
    priority: 0,
    sequence: 0,
    exclusion: 'writes',
    isExempt: false,
    fields: [],
  } as const;
  return new PermitRequest(bucket, { ...usual, ...description });
}

interface Case {
  readonly name: string;
  readonly bucket?: readonly Change[];
  readonly request?: Partial<RequestDescription>;
  /** The instant before which the request may not leave. */
  readonly notBefore?: number;
  readonly rules?: Partial<Rules>;
  readonly now?: number;
  readonly verdict: unknown;
}

const tooLong = (retryAfter: number, isGlobal = false) => ({ kind: 'too-long', error: { retryAfter, isGlobal } });

const CASES: readonly Case[] = [
  { name: 'room in the window', bucket: [known(3)], verdict: 'leave' },
  { name: 'an unknown bucket that is free', verdict: 'leave' },
  { name: 'the unknown bucket of a request in flight', bucket: [inFlight()], verdict: 'after-an-end' },
  {
    name: 'an unknown bucket in which nothing is excluded',
    bucket: [inFlight({ exclusion: 'none' })],
    request: { exclusion: 'none' },
    verdict: 'after-news',
  },

  // Locks come before everything.
  {
    name: 'a lock, whatever else holds the request',
    bucket: [known(0), heldFor(90_000)],
    notBefore: NOW + 5,
    rules: { errorFor: () => LOCKED },
    verdict: { kind: 'refused', error: LOCKED },
  },

  // Too long to wait.
  { name: 'a hold of the bucket that is just short enough', bucket: [heldFor(60_000)], verdict: later(60_000) },
  { name: 'a hold of the bucket that is too long', bucket: [heldFor(60_001)], verdict: tooLong(60_001) },
  {
    name: 'a hold at the gate that is too long, and something in the bucket',
    bucket: [known(0)],
    rules: gateHeldFor(60_001),
    verdict: tooLong(60_001, true),
  },
  {
    name: 'a hold at the gate that is short enough, and something in the bucket',
    bucket: [known(0)],
    rules: gateHeldFor(60_000),
    verdict: later(1_000),
  },
  { name: 'a hold at the gate alone, which is asked there', rules: gateHeldFor(60_001), verdict: 'leave' },
  {
    name: 'any hold, where every wait is allowed',
    bucket: [heldFor(1e9)],
    rules: { maxRateLimit: Number.POSITIVE_INFINITY, ...gateHeldFor(1e9) },
    verdict: later(1e9),
  },
  {
    name: 'a hold that is too long comes before a back-off',
    bucket: [heldFor(60_001)],
    notBefore: NOW + 5,
    verdict: tooLong(60_001),
  },
  { name: 'a hold is over at its end', bucket: [heldFor(60_001)], now: NOW + 60_001, verdict: 'leave' },

  // Back-off.
  { name: 'a back-off', bucket: [known(3)], notBefore: NOW + 5, verdict: { kind: 'back-off', until: NOW + 5 } },
  { name: 'a back-off that is over', bucket: [known(3)], notBefore: NOW, verdict: 'leave' },
  {
    name: 'a back-off comes before the window',
    bucket: [known(0)],
    notBefore: NOW + 5,
    verdict: { kind: 'back-off', until: NOW + 5 },
  },

  // Fields.
  { name: 'a limited field', bucket: [known(3), nameIsLimited], request: { fields: ['name'] }, verdict: aside(10_000) },
  { name: 'other fields', bucket: [known(3), nameIsLimited], request: { fields: ['nsfw'] }, verdict: 'leave' },
  { name: 'no fields', bucket: [known(3), nameIsLimited], verdict: 'leave' },
  {
    name: 'a limited field that has its turn again',
    bucket: [known(3), nameIsLimited],
    request: { fields: ['name'] },
    now: NOW + 10_000,
    verdict: 'leave',
  },
  {
    name: 'a limited field whose only use is in flight',
    bucket: [known(3), nameIsLimited, inFlight({ fields: ['name'], exclusion: 'none' })],
    request: { fields: ['name'], exclusion: 'none' },
    now: NOW + 10_000,
    verdict: 'after-an-end',
  },
  {
    name: 'a limited field that is held for too long',
    bucket: [known(3), nameIsLimited],
    request: { fields: ['name'] },
    rules: { maxRateLimit: 9_999 },
    verdict: tooLong(10_000),
  },
  {
    name: 'a limited field comes before what is in flight, so that the request makes way',
    bucket: [known(3), nameIsLimited, inFlight()],
    request: { fields: ['name'] },
    verdict: aside(10_000),
  },

  // In flight.
  { name: 'a write beside a write', bucket: [known(3), inFlight()], verdict: 'after-an-end' },
  { name: 'a read beside a write', bucket: [known(3), inFlight()], request: { exclusion: 'none' }, verdict: 'leave' },
  { name: 'a write beside a read', bucket: [known(3), inFlight({ exclusion: 'none' })], verdict: 'leave' },
  {
    name: 'a serial request beside a read',
    bucket: [known(3), inFlight({ exclusion: 'none' })],
    request: { exclusion: 'all' },
    verdict: 'after-an-end',
  },
  {
    name: 'a read beside a serial request',
    bucket: [known(3), inFlight({ exclusion: 'all' })],
    request: { exclusion: 'none' },
    verdict: 'after-an-end',
  },
  {
    name: 'a write beside a write where no limit is known to exist',
    bucket: [
      ({ state }) => {
        state.isUnlimited = true;
      },
      inFlight(),
    ],
    verdict: 'leave',
  },
  { name: 'a write beside a write comes before the window', bucket: [known(1), inFlight()], verdict: 'after-an-end' },

  // The window.
  { name: 'a window without room', bucket: [known(0)], verdict: later(1_000) },
  { name: 'a window without room, at its reset', bucket: [known(0)], now: NOW + 1_000, verdict: 'leave' },
  {
    name: 'a window whose room is in flight',
    bucket: [known(1), inFlight({ exclusion: 'none' })],
    request: { exclusion: 'none' },
    verdict: later(1_000),
  },
  {
    name: 'news of a store that are awaited',
    rules: { turns: { waitFor: () => Number.POSITIVE_INFINITY } },
    verdict: 'after-news',
  },
];

function later(wait: number) {
  return { kind: 'later', wait };
}

function aside(wait: number) {
  return { kind: 'aside', wait };
}

function gateHeldFor(duration: number): Pick<Rules, 'gate'> {
  return { gate: { heldFor: () => duration } };
}

describe('the verdict on', () => {
  it.each(CASES)(
    '$name',
    ({ bucket: changes = [], request: description = {}, notBefore, rules, now = NOW, verdict }) => {
      const bucket = new Bucket(GROUP, messages());
      for (const change of changes) change(bucket);
      const request = requestOf(bucket, description);
      if (notBefore !== undefined) request.extras.notBefore = notBefore;
      const given = verdictOn(request, now, { ...RULES, ...rules });
      if (typeof verdict === 'string') expect(given).toBe(verdict);
      else expect(given).toMatchObject(verdict as object);
    },
  );
});

describe('an error for a wait that is too long', () => {
  it('names the route, the wait and the window, as far as they are known', () => {
    const bucket = new Bucket(GROUP, edit());
    known(2)(bucket);
    heldFor(60_001)(bucket);
    const verdict = verdictOn(requestOf(bucket, { route: edit() }), NOW, RULES);
    expect((verdict as { error: RateLimitTooLongError }).error).toMatchObject({
      route: 'PATCH /channels/1',
      retryAfter: 60_001,
      maxRetryAfter: 60_000,
      resetAt: NOW + 60_001,
      limit: 5,
      remaining: 0,
    });
    const unknown = new Bucket(GROUP, edit());
    heldFor(60_001)(unknown);
    const other = verdictOn(requestOf(unknown, { route: edit() }), NOW, RULES);
    expect((other as { error: RateLimitTooLongError }).error).toMatchObject({ limit: undefined, period: undefined });
  });

  it('is asked of the gate as an exempt request would be', () => {
    const bucket = new Bucket(GROUP, messages());
    const gate = { heldFor: (isExempt: boolean) => (isExempt ? 0 : 90_000) };
    const asked = { ...RULES, gate };
    expect(verdictAtGate(requestOf(bucket, { isExempt: true }), NOW, asked)).toBe('leave');
    expect(verdictAtGate(requestOf(bucket, {}), NOW, asked)).toMatchObject(tooLong(90_000, true));
    expect(verdictAtGate(requestOf(bucket, {}), NOW, { ...asked, maxRateLimit: 90_000 })).toBe('leave');
  });
});
