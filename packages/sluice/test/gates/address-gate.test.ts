import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  InvalidRequestGuard,
  InvalidRequestLimitError,
  RateLimitTooLongError,
  RESTBucketManager,
} from '../../src/index.js';
import { CALLBACK, history as channel } from '../buckets/requests.js';
import { ask, clock, limiter, startClock, watch } from '../rig.js';

const PERIOD = 60_000;
/** A sixtieth of a period: an answer may count longer by so much. */
const SLOT = 1_000;

function forbidden(status = 403) {
  return { status, headers: {}, body: '{}' };
}

/** Sends `count` requests, each to a channel of its own, whose answers are invalid. */
async function misuse(manager: RESTBucketManager, count: number, status = 403): Promise<void> {
  for (let id = 0; id < count; id++) (await manager.acquire(channel(100 + id))).complete(forbidden(status));
}

beforeEach(() => startClock(0));

describe('a manager with invalid requests', () => {
  it('counts them, and reports each threshold once', async () => {
    const manager = limiter({ invalidRequests: { limit: 20, period: PERIOD, margin: 0 } });
    const events = vi.fn();
    manager.on('invalidRequests', events);
    await misuse(manager, 3);
    await misuse(manager, 8, 401);
    (await manager.acquire(channel(1))).complete({ status: 404, headers: {} });
    (await manager.acquire(channel(1))).complete({
      status: 429,
      headers: { 'X-RateLimit-Scope': 'shared' },
      body: '{}',
    });
    expect(manager.invalidRequests.count).toBe(11);
    expect(events.mock.calls).toEqual([
      [{ count: 2, limit: 20, percent: 10 }],
      [{ count: 10, limit: 20, percent: 50 }],
    ]);
  });

  it('holds every later request at the limit less the margin: of any authorization, interactions included', async () => {
    const manager = limiter({ invalidRequests: { limit: 4, period: PERIOD, margin: 0.25 } });
    const events = vi.fn();
    manager.on('invalidRequestsHeld', events);
    await misuse(manager, 3);
    expect(events.mock.calls).toEqual([[{ count: 3, limit: 4, retryAfter: PERIOD + SLOT, until: PERIOD + SLOT }]]);
    const waiting = watch([
      manager.acquire(channel(1)),
      manager.acquire(channel(1), { authorization: 'Bot a' }),
      manager.acquire(CALLBACK),
    ]);
    await clock.advance(PERIOD + SLOT - 1);
    expect(waiting.pending).toBe(3);
    await clock.advance(1);
    for (const permit of waiting.permits) permit.complete({ status: 200, headers: {} });
    expect(waiting.permits.map(({ isEnded }) => isEnded)).toEqual([true, true, true]);
  });

  it('holds requests that could exceed the limit together with those in flight, until they cannot', async () => {
    const manager = limiter({ invalidRequests: { limit: 2, period: PERIOD, margin: 0 } });
    const [first, second] = [await manager.acquire(channel(1)), await manager.acquire(CALLBACK)];
    const waiting = watch([CALLBACK, channel(3), CALLBACK].map((route) => manager.acquire(route)));
    await clock.advance(10);
    expect(waiting.pending).toBe(3);
    first.complete({ status: 200, headers: {} });
    second.cancel('lost');
    await clock.advance(0);
    expect([...waiting.granted].sort()).toEqual([0, 1]);
    const permitOf = (index: number) => waiting.permits[waiting.granted.indexOf(index)];
    permitOf(1)?.complete(forbidden());
    permitOf(0)?.cancel('unsent');
    await clock.advance(0);
    permitOf(2)?.complete({ status: 204, headers: {} });
    expect(permitOf(2)?.isEnded).toBe(true);
  });

  it('rejects every request when the hold is too long, waiting ones included', async () => {
    const manager = limiter({
      invalidRequests: { limit: 2, period: PERIOD, margin: 0 },
      maxRateLimit: 5_000,
      globalLimit: 2,
    });
    await misuse(manager, 1);
    const last = await manager.acquire(channel(1));
    const waiting = watch([channel(1), channel(2), CALLBACK].map((route) => manager.acquire(route)));
    await clock.advance(0);
    expect(waiting.pending).toBe(3);
    last.complete(forbidden());
    await clock.advance(0);
    expect(waiting.errors).toEqual([1, 2, 3].map(() => expect.any(RateLimitTooLongError)));
    await expect(manager.acquire(channel(4))).rejects.toMatchObject({ isGlobal: true, retryAfter: PERIOD + SLOT });
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects requests instead of holding them, if the option says so', async () => {
    const manager = limiter({ invalidRequests: { limit: 2, period: PERIOD, margin: 0, onLimit: 'reject' } });
    await misuse(manager, 1);
    const last = await manager.acquire(channel(1));
    const waiting = watch([channel(1), channel(2), CALLBACK].map((route) => manager.acquire(route)));
    last.complete(forbidden());
    await clock.advance(0);
    expect(waiting.errors).toEqual([1, 2, 3].map(() => expect.any(InvalidRequestLimitError)));
    await expect(manager.acquire(CALLBACK)).rejects.toMatchObject({
      name: 'InvalidRequestLimitError',
      route: 'POST /interactions/1/:token/callback',
      retryAfter: PERIOD + SLOT,
      count: 2,
      limit: 2,
    });
    expect(clock.pendingTimers).toBe(0);
    await clock.advance(PERIOD + SLOT);
    (await manager.acquire(CALLBACK)).complete({ status: 204, headers: {} });
  });

  it('rejects the retry of a refused request', async () => {
    const manager = limiter({ invalidRequests: { limit: 1, period: PERIOD, onLimit: 'reject' } });
    const permit = await manager.acquire(channel(1));
    permit.complete({ status: 429, headers: { 'Retry-After': '1' }, body: '{"retry_after":1}' });
    await expect(permit.retry()).rejects.toBeInstanceOf(InvalidRequestLimitError);
  });

  it('emits events after the answer is learned, so that a listener may send', async () => {
    const manager = limiter({ invalidRequests: { limit: 10, period: PERIOD } });
    const [first, events] = [await manager.acquire(channel(1)), vi.fn()];
    manager.on('invalidRequests', () => events(manager.getBucket(channel(1)).remaining));
    const headers = { 'X-RateLimit-Bucket': 'a', 'X-RateLimit-Limit': '5', 'X-RateLimit-Remaining': '2' };
    first.complete({ status: 403, headers: { ...headers, 'X-RateLimit-Reset-After': '1' } });
    expect(events.mock.calls).toEqual([[2]]);
  });

  it('gives the turn of an aborted request to the next one', async () => {
    const manager = limiter({ invalidRequests: { limit: 1, period: PERIOD, margin: 0 } });
    const first = await manager.acquire(channel(1));
    const controller = new AbortController();
    const aborted = watch([manager.acquire(channel(2), { signal: controller.signal })]);
    await clock.advance(0);
    controller.abort('enough');
    first.complete({ status: 200, headers: {} });
    const next = await ask(1, () => manager.acquire(channel(3)));
    expect([aborted.errors, next.granted]).toEqual([['enough'], [0]]);
    next.permits[0]?.cancel('unsent');
  });
});

describe('managers that share a guard', () => {
  it('count together, hold together, and go on together', async () => {
    const guard = new InvalidRequestGuard({ limit: 4, period: PERIOD, margin: 0, clock });
    const [a, b] = [limiter({ invalidRequests: guard }), limiter({ invalidRequests: guard, maxRateLimit: 1_000 })];
    expect([a.invalidRequests, b.invalidRequests]).toEqual([guard, guard]);
    await misuse(a, 2);
    await misuse(b, 1);
    expect(guard.count).toBe(3);
    const last = await a.acquire(channel(1));
    const ofA = watch([a.acquire(channel(2))]);
    const ofB = watch([b.acquire(channel(3))]);
    await clock.advance(0);
    expect([ofA.pending, ofB.pending]).toEqual([1, 1]);
    last.complete(forbidden());
    await clock.advance(0);
    expect([ofA.errors, ofB.errors]).toEqual([[], [expect.any(RateLimitTooLongError)]]);
    expect(guard.heldFor(clock.now())).toBe(PERIOD + SLOT);
    await clock.advance(PERIOD + SLOT);
    ofA.permits[0]?.complete({ status: 200, headers: {} });
    expect(ofA.permits[0]?.isEnded).toBe(true);
  });

  it('go on when the requests of another manager end, even by closing it', async () => {
    const guard = new InvalidRequestGuard({ limit: 1, period: PERIOD, clock });
    const [a, b] = [limiter({ invalidRequests: guard }), limiter({ invalidRequests: guard })];
    (await a.acquire(channel(1))).cancel('abandoned');
    const waiting = watch([b.acquire(CALLBACK)]);
    await clock.advance(100);
    expect(waiting.pending).toBe(1);
    a.close();
    await clock.advance(0);
    const [permit] = waiting.permits;
    const next = watch([b.acquire(channel(1))]);
    b.close();
    permit?.complete(forbidden());
    expect([guard.count, permit?.isEnded]).toEqual([1, true]);
    await clock.advance(0);
    expect(next.errors).toMatchObject([{ name: 'LimiterClosedError' }]);
  });

  it('are all held by a ban of their address', async () => {
    const guard = new InvalidRequestGuard({ clock });
    const [a, b] = [limiter({ invalidRequests: guard }), limiter({ invalidRequests: guard })];
    (await a.acquire(channel(1))).complete({ status: 429, headers: { 'Retry-After': '60' }, body: '<html>' });
    expect(guard.bannedUntil).toBe(60_000);
    const waiting = watch([b.acquire(CALLBACK)]);
    await clock.advance(59_999);
    expect(waiting.pending).toBe(1);
    await clock.advance(1);
    waiting.permits[0]?.complete({ status: 204, headers: {} });
    expect(waiting.permits[0]?.isEnded).toBe(true);
  });

  it('must have its clock', () => {
    const guard = new InvalidRequestGuard();
    expect(() => new RESTBucketManager({ clock, invalidRequests: guard })).toThrow('same clock');
  });
});

describe('a Cloudflare ban', () => {
  const page = (retryAfter: number) => ({
    status: 429,
    headers: { 'Retry-After': String(retryAfter), 'Content-Type': 'text/html' },
    body: '<!doctype html><title>Access denied | error code: 1015</title>',
  });

  it('that is too long rejects every waiting and every later request, interactions included', async () => {
    const manager = limiter({ globalLimit: 2 });
    const events = vi.fn();
    manager.on('cloudflareBanned', events);
    const [first, second] = [await manager.acquire(channel(1)), await manager.acquire(channel(2))];
    const callback = watch([manager.acquire(CALLBACK, { concurrency: 'serial', authorization: 'Bot a' })]);
    const waiting = watch([channel(1), channel(2), channel(3)].map((route) => manager.acquire(route)));
    await clock.advance(0);
    callback.permits[0]?.complete({ status: 204, headers: {} });
    expect(first.complete(page(31_000))).toEqual({ kind: 'cloudflare', retryAfter: 31_000_000 });
    expect(events.mock.calls).toEqual([
      [{ route: 'GET /channels/1/messages', retryAfter: 31_000_000, until: 31_000_000 }],
    ]);
    await clock.advance(0);
    expect(waiting.errors).toMatchObject([1, 2, 3].map(() => ({ isGlobal: true, retryAfter: 31_000_000 })));
    await expect(manager.acquire(CALLBACK)).rejects.toMatchObject({ isGlobal: true, retryAfter: 31_000_000 });
    await expect(first.retry()).rejects.toBeInstanceOf(RateLimitTooLongError);
    second.complete({ status: 200, headers: {} });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not shortened by a shorter one, and waiting requests wait for the longest', async () => {
    const manager = limiter();
    const [first, second, third] = [1, 2, 3].map((id) => manager.acquire(channel(id)));
    (await first)?.complete(page(60));
    const waiting = watch([manager.acquire(CALLBACK)]);
    (await second)?.complete(page(10));
    await clock.advance(50_000);
    (await third)?.complete(page(20));
    await clock.advance(19_999);
    expect(waiting.pending).toBe(1);
    await clock.advance(1);
    waiting.permits[0]?.complete({ status: 204, headers: {} });
    expect([waiting.permits[0]?.isEnded, clock.now()]).toEqual([true, 70_000]);
  });

  it('rejects waiting requests when it becomes too long', async () => {
    const manager = limiter();
    const [first, second] = [1, 2].map((id) => manager.acquire(channel(id)));
    (await first)?.complete(page(60));
    const waiting = watch([CALLBACK, channel(4)].map((route) => manager.acquire(route)));
    (await second)?.complete(page(600));
    await clock.advance(0);
    expect(waiting.errors).toEqual([1, 2].map(() => expect.any(RateLimitTooLongError)));
    expect(clock.pendingTimers).toBe(0);
  });
});

interface Planned {
  readonly at: number;
  readonly manager: number;
  readonly channel: number;
  readonly isCallback: boolean;
  readonly delayOut: number;
  readonly delayBack: number;
  readonly status: number;
}

const planned: fc.Arbitrary<Planned> = fc.record({
  at: fc.nat(5_000),
  manager: fc.nat(1),
  channel: fc.nat(5),
  isCallback: fc.boolean(),
  delayOut: fc.oneof(fc.nat(20), fc.nat(3_000)),
  delayBack: fc.oneof(fc.nat(20), fc.nat(3_000)),
  status: fc.constantFrom(200, 401, 403, 403, 403, 404, 429),
});

const guards = fc.record({
  limit: fc.integer({ min: 1, max: 6 }),
  period: fc.integer({ min: 30, max: 6_000 }),
  margin: fc.constantFrom(0, 0.05, 0.5),
  onLimit: fc.constantFrom('hold' as const, 'reject' as const),
});

describe('for any answers and delays', () => {
  /** Sends all requests through two managers with one guard. Returns the instants of the server's invalid answers. */
  async function play(requests: readonly Planned[], guard: InvalidRequestGuard) {
    const shared = [0, 1].map(() => limiter({ invalidRequests: guard, maxRateLimit: Number.POSITIVE_INFINITY }));
    const at = (instant: number) => new Promise<void>((resolve) => clock.setTimer(instant, resolve));
    const invalidAt: number[] = [];
    const errors: unknown[] = [];
    let answered = 0;
    const send = async ({ manager, isCallback, channel: id, delayOut, delayBack, status, at: start }: Planned) => {
      await at(start);
      const permit = await shared[manager]?.acquire(isCallback ? CALLBACK : channel(id), { concurrency: 'parallel' });
      const arrival = clock.now() + delayOut;
      await at(arrival);
      if (status === 401 || status === 403 || status === 429) invalidAt.push(arrival);
      await at(arrival + delayBack);
      permit?.complete({ status, headers: {}, body: '{"retry_after":0.001}' });
      answered++;
    };
    const done = Promise.all(requests.map((request) => send(request).catch((error: unknown) => errors.push(error))));
    await clock.runAll();
    await done;
    return { invalidAt: invalidAt.sort((a, b) => a - b), errors, answered, managers: shared };
  }

  it('no period at the server has more invalid answers than the limit less the margin, and every request ends', async () => {
    await fc.assert(
      fc.asyncProperty(guards, fc.array(planned, { minLength: 1, maxLength: 40 }), async (options, requests) => {
        startClock(0);
        const { limit, period, margin, onLimit } = options;
        const { invalidAt, errors, answered, managers } = await play(
          requests,
          new InvalidRequestGuard({ ...options, clock }),
        );
        expect(answered + errors.length).toBe(requests.length);
        for (const error of errors) expect(error).toBeInstanceOf(InvalidRequestLimitError);
        if (onLimit === 'hold') expect(errors).toEqual([]);
        const most = Math.max(1, Math.floor(limit * (1 - margin)));
        for (const end of invalidAt) {
          expect(invalidAt.filter((at) => at > end - period && at <= end).length).toBeLessThanOrEqual(most);
        }
        for (const manager of managers) manager.close();
      }),
      { numRuns: 500 },
    );
  });
});
