import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { InvalidRequestGuard } from '../../src/constructors.js';
import { InvalidRequestLimitError, RateLimitTooLongError } from '../../src/errors.js';
import type { ManagerOptions } from '../../src/manager/manager-options.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { Route } from '../../src/routes/route.js';

const CALLBACK = Route.match('POST', '/interactions/1/aW50ZXJhY3Rpb246abc/callback');
const PERIOD = 60_000;
/** A sixtieth of a period, by which an answer may count too long. */
const SLOT = 1_000;

let clock: VirtualClock;
let managers: RESTBucketManager[];

beforeEach(() => {
  clock = new VirtualClock();
  managers = [];
});

afterEach(() => {
  for (const manager of managers) manager.close();
  expect(clock.pendingTimers).toBe(0);
});

function create(options: ManagerOptions = {}): RESTBucketManager {
  const manager = new RESTBucketManager({ clock, ...options });
  managers.push(manager);
  return manager;
}

function channel(id: number) {
  return Route.match('GET', `/channels/${id}/messages`);
}

function forbidden(status = 403) {
  return { status, headers: {}, body: '{}' };
}

/** So many requests, each to a channel of its own, are answered as invalid. */
async function misuse(manager: RESTBucketManager, count: number, status = 403): Promise<void> {
  for (let id = 0; id < count; id++) (await manager.acquire(channel(100 + id))).complete(forbidden(status));
}

function outcomeOf(promise: Promise<Permit>): { permit?: Permit; error?: unknown } {
  const outcome: { permit?: Permit; error?: unknown } = {};
  promise.then(
    (permit) => {
      outcome.permit = permit;
    },
    (error: unknown) => {
      outcome.error = error;
    },
  );
  return outcome;
}

describe('a manager with invalid requests', () => {
  it('counts them, and tells each threshold once', async () => {
    const manager = create({ invalidRequests: { limit: 20, period: PERIOD, margin: 0 } });
    const told = vi.fn();
    manager.on('invalidRequests', told);
    await misuse(manager, 3);
    await misuse(manager, 8, 401);
    (await manager.acquire(channel(1))).complete({ status: 404, headers: {} });
    (await manager.acquire(channel(1))).complete({
      status: 429,
      headers: { 'X-RateLimit-Scope': 'shared' },
      body: '{}',
    });
    expect(manager.invalidRequests.count).toBe(11);
    expect(told.mock.calls).toEqual([[{ count: 2, limit: 20, percent: 10 }], [{ count: 10, limit: 20, percent: 50 }]]);
  });

  it('holds all that follows at the limit less the margin, exempt requests and every authentication, too', async () => {
    const manager = create({ invalidRequests: { limit: 4, period: PERIOD, margin: 0.25 } });
    const told = vi.fn();
    manager.on('invalidRequestsHeld', told);
    await misuse(manager, 3);
    expect(told.mock.calls).toEqual([[{ count: 3, limit: 4, retryAfter: PERIOD + SLOT, until: PERIOD + SLOT }]]);
    const waiting = [
      outcomeOf(manager.acquire(channel(1))),
      outcomeOf(manager.acquire(channel(1), { authorization: 'Bot a' })),
      outcomeOf(manager.acquire(CALLBACK)),
    ];
    await clock.advance(PERIOD + SLOT - 1);
    expect(waiting).toEqual([{}, {}, {}]);
    await clock.advance(1);
    for (const { permit } of waiting) permit?.complete({ status: 200, headers: {} });
    expect(waiting.every(({ permit }) => permit?.isEnded)).toBe(true);
  });

  it('lets nothing leave that could pass the limit with what is in flight, and goes on as soon as it cannot', async () => {
    const manager = create({ invalidRequests: { limit: 2, period: PERIOD, margin: 0 } });
    const [first, second] = [await manager.acquire(channel(1)), await manager.acquire(CALLBACK)];
    const waiting = [CALLBACK, channel(3), CALLBACK].map((route) => outcomeOf(manager.acquire(route)));
    await clock.advance(10);
    expect(waiting).toEqual([{}, {}, {}]);
    first.complete({ status: 200, headers: {} });
    second.cancel('lost');
    await clock.advance(0);
    expect(waiting.map(({ permit }) => permit !== undefined)).toEqual([true, true, false]);
    waiting[1]?.permit?.complete(forbidden());
    waiting[0]?.permit?.cancel('unsent');
    await clock.advance(0);
    waiting[2]?.permit?.complete({ status: 204, headers: {} });
    expect(waiting[2]?.permit?.isEnded).toBe(true);
  });

  it('rejects a hold that is too long to wait for, those that wait already, too', async () => {
    const manager = create({
      invalidRequests: { limit: 2, period: PERIOD, margin: 0 },
      maxRateLimit: 5_000,
      globalLimit: 2,
    });
    await misuse(manager, 1);
    const last = await manager.acquire(channel(1));
    const waiting = [channel(1), channel(2), CALLBACK].map((route) => outcomeOf(manager.acquire(route)));
    await clock.advance(0);
    expect(waiting).toEqual([{}, {}, {}]);
    last.complete(forbidden());
    await clock.advance(0);
    for (const { error } of waiting) expect(error).toBeInstanceOf(RateLimitTooLongError);
    await expect(manager.acquire(channel(4))).rejects.toMatchObject({ isGlobal: true, retryAfter: PERIOD + SLOT });
    expect(clock.pendingTimers).toBe(0);
  });

  it('rejects instead of holding, by option, and tells why', async () => {
    const manager = create({ invalidRequests: { limit: 2, period: PERIOD, margin: 0, onLimit: 'reject' } });
    await misuse(manager, 1);
    const last = await manager.acquire(channel(1));
    const waiting = [channel(1), channel(2), CALLBACK].map((route) => outcomeOf(manager.acquire(route)));
    last.complete(forbidden());
    await clock.advance(0);
    for (const { error } of waiting) expect(error).toBeInstanceOf(InvalidRequestLimitError);
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

  it('rejects a refused request that would come again', async () => {
    const manager = create({ invalidRequests: { limit: 1, period: PERIOD, onLimit: 'reject' } });
    const permit = await manager.acquire(channel(1));
    permit.complete({ status: 429, headers: { 'Retry-After': '1' }, body: '{"retry_after":1}' });
    await expect(permit.retry()).rejects.toBeInstanceOf(InvalidRequestLimitError);
  });

  it('can be listened to by one who sends: all is learned by then', async () => {
    const manager = create({ invalidRequests: { limit: 10, period: PERIOD } });
    const [first, told] = [await manager.acquire(channel(1)), vi.fn()];
    manager.on('invalidRequests', () => told(manager.getBucket(channel(1)).remaining));
    const headers = { 'X-RateLimit-Bucket': 'a', 'X-RateLimit-Limit': '5', 'X-RateLimit-Remaining': '2' };
    first.complete({ status: 403, headers: { ...headers, 'X-RateLimit-Reset-After': '1' } });
    expect(told.mock.calls).toEqual([[2]]);
  });
});

describe('managers that share a guard', () => {
  it('count together, hold together, and go on together', async () => {
    const guard = new InvalidRequestGuard({ limit: 4, period: PERIOD, margin: 0, clock });
    const [a, b] = [create({ invalidRequests: guard }), create({ invalidRequests: guard, maxRateLimit: 1_000 })];
    expect([a.invalidRequests, b.invalidRequests]).toEqual([guard, guard]);
    await misuse(a, 2);
    await misuse(b, 1);
    expect(guard.count).toBe(3);
    const last = await a.acquire(channel(1));
    const ofA = outcomeOf(a.acquire(channel(2)));
    const ofB = outcomeOf(b.acquire(channel(3)));
    await clock.advance(0);
    expect([ofA, ofB]).toEqual([{}, {}]);
    last.complete(forbidden());
    await clock.advance(0);
    expect([ofA.error, ofB.error instanceof RateLimitTooLongError]).toEqual([undefined, true]);
    expect(guard.heldFor(clock.now())).toBe(PERIOD + SLOT);
    await clock.advance(PERIOD + SLOT);
    ofA.permit?.complete({ status: 200, headers: {} });
    expect(ofA.permit?.isEnded).toBe(true);
  });

  it('are woken when what another one has in flight ends, even by closing it', async () => {
    const guard = new InvalidRequestGuard({ limit: 1, period: PERIOD, clock });
    const [a, b] = [create({ invalidRequests: guard }), create({ invalidRequests: guard })];
    (await a.acquire(channel(1))).cancel('abandoned');
    const waiting = outcomeOf(b.acquire(CALLBACK));
    await clock.advance(100);
    expect(waiting.permit).toBeUndefined();
    a.close();
    await clock.advance(0);
    const { permit } = waiting;
    const next = outcomeOf(b.acquire(channel(1)));
    b.close();
    permit?.complete(forbidden());
    expect([guard.count, permit?.isEnded]).toEqual([1, true]);
    await clock.advance(0);
    expect(next.error).toMatchObject({ name: 'LimiterClosedError' });
  });

  it('are all held by a ban of their address', async () => {
    const guard = new InvalidRequestGuard({ clock });
    const [a, b] = [create({ invalidRequests: guard }), create({ invalidRequests: guard })];
    (await a.acquire(channel(1))).complete({ status: 429, headers: { 'Retry-After': '60' }, body: '<html>' });
    expect(guard.bannedUntil).toBe(60_000);
    const waiting = outcomeOf(b.acquire(CALLBACK));
    await clock.advance(59_999);
    expect(waiting).toEqual({});
    await clock.advance(1);
    waiting.permit?.complete({ status: 204, headers: {} });
    expect(waiting.permit?.isEnded).toBe(true);
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

  it('that is too long rejects at once all that waits anywhere, exempt or not, and all that comes', async () => {
    const manager = create({ globalLimit: 2 });
    const told = vi.fn();
    manager.on('cloudflareBanned', told);
    const [first, second] = [await manager.acquire(channel(1)), await manager.acquire(channel(2))];
    const callback = outcomeOf(manager.acquire(CALLBACK, { concurrency: 'serial', authorization: 'Bot a' }));
    const waiting = [channel(1), channel(2), channel(3)].map((route) => outcomeOf(manager.acquire(route)));
    await clock.advance(0);
    callback.permit?.complete({ status: 204, headers: {} });
    expect(first.complete(page(31_000))).toEqual({ kind: 'cloudflare', retryAfter: 31_000_000 });
    expect(told.mock.calls).toEqual([
      [{ route: 'GET /channels/1/messages', retryAfter: 31_000_000, until: 31_000_000 }],
    ]);
    await clock.advance(0);
    for (const { error } of waiting) expect(error).toMatchObject({ isGlobal: true, retryAfter: 31_000_000 });
    await expect(manager.acquire(CALLBACK)).rejects.toMatchObject({ isGlobal: true, retryAfter: 31_000_000 });
    await expect(first.retry()).rejects.toBeInstanceOf(RateLimitTooLongError);
    second.complete({ status: 200, headers: {} });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is not shortened by a shorter one, and lengthened for those who wait', async () => {
    const manager = create();
    const [first, second, third] = [1, 2, 3].map((id) => manager.acquire(channel(id)));
    (await first)?.complete(page(60));
    const waiting = outcomeOf(manager.acquire(CALLBACK));
    (await second)?.complete(page(10));
    await clock.advance(50_000);
    (await third)?.complete(page(20));
    await clock.advance(19_999);
    expect(waiting).toEqual({});
    await clock.advance(1);
    waiting.permit?.complete({ status: 204, headers: {} });
    expect([waiting.permit?.isEnded, clock.now()]).toEqual([true, 70_000]);
  });

  it('rejects those who wait for a shorter one when it gets too long', async () => {
    const manager = create();
    const [first, second] = [1, 2].map((id) => manager.acquire(channel(id)));
    (await first)?.complete(page(60));
    const waiting = [CALLBACK, channel(4)].map((route) => outcomeOf(manager.acquire(route)));
    (await second)?.complete(page(600));
    await clock.advance(0);
    for (const { error } of waiting) expect(error).toBeInstanceOf(RateLimitTooLongError);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('options', () => {
  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1.5 }, 'limit'],
    [{ period: 0 }, 'period'],
    [{ period: Number.NaN }, 'period'],
    [{ period: Number.POSITIVE_INFINITY }, 'period'],
    [{ margin: -0.1 }, 'margin'],
    [{ margin: 1 }, 'margin'],
    [{ onLimit: 'wait' as 'hold' }, 'onLimit'],
  ])('%j is refused at once', (invalidRequests, name) => {
    expect(() => new InvalidRequestGuard(invalidRequests)).toThrow(name);
    expect(() => new RESTBucketManager({ invalidRequests })).toThrow(name);
  });

  it('have the defaults of the facts', () => {
    expect(new InvalidRequestGuard()).toMatchObject({ limit: 10_000, period: 600_000, margin: 0.05, onLimit: 'hold' });
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

describe('whatever is answered, and however late', () => {
  /** Sends everything through two managers with one guard; returns when invalid answers left the server. */
  async function play(requests: readonly Planned[], guard: InvalidRequestGuard) {
    const shared = [0, 1].map(() => create({ invalidRequests: guard, maxRateLimit: Number.POSITIVE_INFINITY }));
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
    return { invalidAt: invalidAt.sort((a, b) => a - b), errors, answered };
  }

  it('no period at the server sees more than the limit less the margin, and every request ends', async () => {
    await fc.assert(
      fc.asyncProperty(guards, fc.array(planned, { minLength: 1, maxLength: 40 }), async (options, requests) => {
        clock = new VirtualClock();
        managers = [];
        const { limit, period, margin, onLimit } = options;
        const { invalidAt, errors, answered } = await play(requests, new InvalidRequestGuard({ ...options, clock }));
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
