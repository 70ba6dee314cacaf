import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Permit } from '../../src/buckets/rest-bucket.js';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { LimiterClosedError, QueueFullError, RateLimitTooLongError } from '../../src/errors.js';
import { RESTBucketManager } from '../../src/manager/rest-bucket-manager.js';
import { type CompiledRoute, Route, UNKNOWN_HASH } from '../../src/routes/route.js';
import { answer, type Told } from '../buckets/answers.js';

const MESSAGES = new Route('POST', '/channels/{channel}/messages');
const HISTORY = new Route('GET', '/channels/{channel}/messages');
const CALLBACK = new Route('POST', '/interactions/{interaction}/{token}/callback');

let clock: VirtualClock;
let manager: RESTBucketManager;

beforeEach(() => {
  clock = new VirtualClock(1_000);
  manager = new RESTBucketManager({ clock });
});

afterEach(() => {
  manager.close();
  expect(clock.pendingTimers).toBe(0);
});

function messages(channel = '1'): CompiledRoute {
  return MESSAGES.compile({ channel });
}

function history(channel = '1'): CompiledRoute {
  return HISTORY.compile({ channel });
}

/** Which of several acquires have their permits. */
function watch(promises: Promise<Permit>[]): { granted: number[]; permits: Permit[]; errors: unknown[] } {
  const seen = { granted: [] as number[], permits: [] as Permit[], errors: [] as unknown[] };
  promises.forEach((promise, index) => {
    promise.then(
      (permit) => {
        seen.granted.push(index);
        seen.permits.push(permit);
      },
      (error: unknown) => seen.errors.push(error),
    );
  });
  return seen;
}

describe('an unknown bucket', () => {
  it('lets one request find out, the others wait for its answer', async () => {
    const seen = watch([0, 1, 2].map(() => manager.acquire(history())));
    await clock.advance(60_000);
    expect(seen.granted).toEqual([0]);
    expect(manager.getBucket(history()).isUnknown).toBe(true);
    expect(manager.getBucket(history()).name.startsWith(UNKNOWN_HASH)).toBe(true);
    seen.permits[0]?.complete(answer());
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2]);
    for (const permit of seen.permits.slice(1)) permit.cancel('unsent');
  });

  it('does not concern other major parameters, nor other authentications', async () => {
    const seen = watch([
      manager.acquire(history('1')),
      manager.acquire(history('2')),
      manager.acquire(history('1'), { authorization: 'Bot b' }),
    ]);
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2]);
    for (const permit of seen.permits) permit.cancel('unsent');
  });

  it('lets the next one find out when the answer tells nothing', async () => {
    const seen = watch([0, 1].map(() => manager.acquire(history())));
    await clock.advance(0);
    seen.permits[0]?.complete({ status: 502, headers: {} });
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1]);
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
    seen.permits[1]?.cancel('unsent');
  });

  it('becomes the bucket of its hash, the same object, and so does every other of its route', async () => {
    const first = manager.getBucket(history('1'));
    const second = manager.getBucket(history('2'));
    const permit = await manager.acquire(history('1'));
    permit.complete(answer());
    expect(manager.getBucket(history('1'))).toBe(first);
    expect(manager.getBucket(history('2'))).toBe(second);
    expect(first.name).toBe(history('1').createRealBucketHash('abc', 'none'));
    expect(second.isUnknown).toBe(false);
    expect(manager.routesToHashes.get(HISTORY)).toBe('abc');
    expect([...manager.realHashesToBuckets.keys()].sort()).toEqual([first.name, second.name].sort());
    expect(manager.realHashesToBuckets.get(first.name)).toBe(first);
  });

  it('joins the bucket that another route of its hash has, with all that waits, in order', async () => {
    const known = await manager.acquire(messages());
    const probe = await manager.acquire(history());
    const waiting = watch([manager.acquire(history()), manager.acquire(messages()), manager.acquire(history())]);
    known.complete(answer({ limit: 1, remaining: 0, resetAfter: 1 }));
    probe.complete(answer({ limit: 1, remaining: 0, resetAfter: 1 }));
    expect(manager.getBucket(history())).toBe(manager.getBucket(messages()));
    for (const expected of [[0], [0, 1], [0, 1, 2]]) {
      await clock.advance(1_001);
      expect(waiting.granted).toEqual(expected);
      waiting.permits.at(-1)?.complete(answer({ limit: 1, remaining: 0, resetAfter: 1 }));
    }
  });

  it('takes what its partner learned: PUT and DELETE of one path share until an answer says otherwise', async () => {
    const role = { guild: '1', user: '2', role: '3' };
    const add = new Route('PUT', '/guilds/{guild}/members/{user}/roles/{role}').compile(role);
    const remove = new Route('DELETE', '/guilds/{guild}/members/{user}/roles/{role}').compile(role);
    const seen = watch([manager.acquire(add), manager.acquire(remove)]);
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.complete(answer({ limit: 1, remaining: 0 }));
    await clock.advance(500);
    expect(seen.granted).toEqual([0]);
    await clock.advance(501);
    expect(seen.granted).toEqual([0, 1]);
    seen.permits[1]?.complete(answer({ hash: 'other' }));
    expect(manager.getBucket(remove)).not.toBe(manager.getBucket(add));
  });
});

describe('a route without limits', () => {
  it('is no longer serialised, from the first answer without headers on', async () => {
    const seen = watch([0, 1, 2].map(() => manager.acquire(messages())));
    await clock.advance(0);
    seen.permits[0]?.complete({ status: 200, headers: {} });
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2]);
    expect(manager.getBucket(messages('2')).isUnlimited).toBe(true);
    for (const permit of seen.permits.slice(1)) permit.complete({ status: 200, headers: {} });
  });

  it('is limited again when headers appear, with what is in flight reckoned', async () => {
    const first = await manager.acquire(history());
    first.complete({ status: 200, headers: {} });
    const [a, b] = await Promise.all([manager.acquire(history()), manager.acquire(history())]);
    a?.complete(answer({ limit: 2, remaining: 1 }));
    const seen = watch([manager.acquire(history())]);
    await clock.advance(0);
    expect(seen.granted).toEqual([]);
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
    b?.complete(answer({ limit: 2, remaining: 0 }));
    await clock.advance(1_001);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('is not concluded from an answer that failed', async () => {
    for (const status of [401, 404, 500]) (await manager.acquire(history())).complete({ status, headers: {} });
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
  });

  it('is what interaction callbacks are from the start', async () => {
    const route = CALLBACK.compile({ interaction: '1', token: 'aW50ZXJhY3Rpb246abc' });
    const seen = watch([manager.acquire(route), manager.acquire(route)]);
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1]);
    for (const permit of seen.permits) permit.complete({ status: 204, headers: {} });
  });
});

describe('a bucket whose hash changes', () => {
  it('hands over what waits and what is in flight, in order', async () => {
    (await manager.acquire(history())).complete(answer({ hash: 'old' }));
    const [a, b] = await Promise.all([manager.acquire(history()), manager.acquire(history())]);
    const old = manager.getBucket(history());
    a?.complete(answer({ hash: 'new', limit: 3, remaining: 2 }));
    const bucket = manager.getBucket(history());
    expect(bucket).not.toBe(old);
    expect([old.inFlight, bucket.inFlight]).toEqual([0, 1]);
    expect(b?.bucket).toBe(bucket);
    expect(bucket.remaining).toBe(1);
    b?.complete(answer({ hash: 'new', limit: 3, remaining: 1 }));
    expect(bucket.remaining).toBe(1);
  });

  it('leaves there what belongs to other routes, and does not forget to go on with it', async () => {
    (await manager.acquire(messages())).complete(answer());
    (await manager.acquire(history())).complete(answer());
    const permit = await manager.acquire(history(), { concurrency: 'serial' });
    const seen = watch([manager.acquire(messages())]);
    await clock.advance(10);
    expect(seen.granted).toEqual([]);
    permit.complete(answer({ hash: 'new' }));
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    expect(manager.routesToHashes.get(messages())).toBe('abc');
    expect(manager.routesToHashes.get(history())).toBe('new');
    seen.permits[0]?.cancel('unsent');
  });
});

describe('order and concurrency', () => {
  async function learn(route: CompiledRoute, remaining = 49): Promise<void> {
    (await manager.acquire(route)).complete(answer({ limit: 50, remaining, resetAfter: 60 }));
  }

  it('lets writes leave one after another and reads together, first come first served', async () => {
    await learn(messages());
    await learn(history(), 48);
    const seen = watch([messages(), messages(), history(), history()].map((route) => manager.acquire(route)));
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.complete(answer({ limit: 50, remaining: 47, resetAfter: 60 }));
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2, 3]);
    for (const permit of seen.permits.slice(1)) permit.cancel('unsent');
  });

  it.each([
    ['parallel', 3],
    ['serial', 1],
    ['writes-in-order', 3],
  ] as const)('with %s has %i reads in flight', async (concurrency, expected) => {
    await learn(history());
    const seen = watch([0, 1, 2].map(() => manager.acquire(history(), { concurrency })));
    await clock.advance(0);
    expect(seen.granted).toHaveLength(expected);
    manager.close();
    await clock.advance(0);
    for (const permit of seen.permits) permit.cancel('unsent');
  });

  it('puts higher priorities first, in the bucket and under the global limit', async () => {
    await learn(messages());
    const first = await manager.acquire(messages());
    const seen = watch([0, 5, 0, 5].map((priority) => manager.acquire(messages(), { priority })));
    first.complete(answer({ limit: 50, remaining: 40, resetAfter: 60 }));
    for (let done = 0; done < 4; done++) {
      await clock.advance(0);
      seen.permits[done]?.complete(answer({ limit: 50, remaining: 39 - done, resetAfter: 60 }));
    }
    expect(seen.granted).toEqual([1, 3, 0, 2]);
  });
});

describe('ending a wait', () => {
  it('by its signal, with its own reason, from anywhere in the queue', async () => {
    const probe = await manager.acquire(history());
    const controller = new AbortController();
    const seen = watch([
      manager.acquire(history()),
      manager.acquire(history(), { signal: controller.signal }),
      manager.acquire(history()),
    ]);
    controller.abort('enough');
    await clock.advance(0);
    expect(seen.errors).toEqual(['enough']);
    probe.complete(answer());
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 2]);
    for (const permit of seen.permits) permit.cancel('unsent');
    await expect(manager.acquire(history(), { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  });

  it('by one signal for many, without a warning of a leak', async () => {
    const warned = vi.spyOn(process, 'emitWarning');
    const controller = new AbortController();
    const probe = await manager.acquire(history());
    const seen = watch(Array.from({ length: 50 }, () => manager.acquire(history(), { signal: controller.signal })));
    controller.abort('enough');
    await clock.advance(0);
    expect(seen.errors).toHaveLength(50);
    expect(warned).not.toHaveBeenCalled();
    probe.cancel('unsent');
  });

  it('by a limit that is too long to wait for, at once', async () => {
    manager = new RESTBucketManager({ clock, maxRateLimit: 5_000 });
    const permit = await manager.acquire(history());
    const waiting = manager.acquire(history());
    permit.complete(answer({ limit: 1, remaining: 0, resetAfter: 60 }));
    const error = await waiting.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RateLimitTooLongError);
    expect(error).toMatchObject({
      name: 'RateLimitTooLongError',
      route: 'GET /channels/1/messages',
      retryAfter: 60_001,
      maxRetryAfter: 5_000,
      resetAt: 61_001 + 0,
      limit: 1,
      remaining: 0,
      period: 60_000,
      isGlobal: false,
    });
    await expect(manager.acquire(history())).rejects.toThrow('raise maxRateLimit');
    expect(manager.getBucket(history()).isEmpty).toBe(true);
  });

  it('by a queue that is full', async () => {
    manager = new RESTBucketManager({ clock, maxQueueSize: 1 });
    const permit = await manager.acquire(history());
    const seen = watch([manager.acquire(history())]);
    await expect(manager.acquire(history())).rejects.toThrow(QueueFullError);
    permit.complete(answer());
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('by closing: everything that waits, anywhere, and everything later', async () => {
    manager.start();
    const permit = await manager.acquire(history());
    manager.throttle(60_000);
    const seen = watch([manager.acquire(history()), manager.acquire(messages()), manager.acquire(messages('2'))]);
    manager.close();
    manager.close();
    await clock.advance(0);
    expect(seen.errors).toHaveLength(3);
    for (const error of seen.errors) expect(error).toBeInstanceOf(LimiterClosedError);
    await expect(manager.acquire(messages())).rejects.toThrow(LimiterClosedError);
    expect(() => manager.getBucket(messages())).toThrow(LimiterClosedError);
    expect(() => manager.throttle(1)).toThrow(LimiterClosedError);
    expect(() => manager.start()).toThrow(LimiterClosedError);
    expect(manager.isStarted).toBe(false);
    expect(manager.isClosed).toBe(true);
    expect(manager.realHashesToBuckets.size).toBe(0);
    // An answer that comes later harms nothing.
    permit.complete(answer());
  });
});

describe('a permit', () => {
  it('ends exactly once', async () => {
    const permit = await manager.acquire(history());
    permit.complete(answer());
    expect(permit.isEnded).toBe(true);
    expect(() => permit.complete(answer())).toThrow('has ended');
    expect(() => permit.cancel()).toThrow('has ended');
    permit[Symbol.dispose]();
    await permit[Symbol.asyncDispose]();
    await expect(permit.retry()).rejects.toThrow('was not refused');
  });

  it('is given back by leaving its scope', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 2, remaining: 1 }));
    {
      await using permit = await manager.acquire(history());
      expect(permit.bucket.inFlight).toBe(1);
    }
    // It may have left, and may yet arrive.
    expect(manager.getBucket(history()).remaining).toBe(0);
    await clock.advance(2_000);
    expect(manager.getBucket(history()).inFlight).toBe(0);
    await clock.advance(1_001);
    expect(manager.getBucket(history()).remaining).toBe(2);
  });

  it('that never left costs nothing', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 2, remaining: 1 }));
    (await manager.acquire(history())).cancel('unsent');
    expect(manager.getBucket(history()).remaining).toBe(1);
  });

  it('that was lost counts until an answer to a later request', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 3, remaining: 2, resetAfter: 10 }));
    (await manager.acquire(history())).cancel('lost');
    expect(manager.getBucket(history()).remaining).toBe(1);
    (await manager.acquire(history())).complete(answer({ limit: 3, remaining: 1, resetAfter: 10 }));
    expect(manager.getBucket(history()).remaining).toBe(1);
  });

  it('that its caller gave up lets the next write leave at once', async () => {
    (await manager.acquire(messages())).complete(answer());
    const permit = await manager.acquire(messages());
    const seen = watch([manager.acquire(messages())]);
    permit.cancel();
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
    await clock.advance(2_000);
  });
});

describe('a refusal', () => {
  const refused = (told: Told & { retryAfter?: number; scope?: string; global?: boolean }) =>
    answer({
      status: 429,
      remaining: 0,
      body: { message: 'limited', retry_after: told.retryAfter ?? 2, global: told.global ?? false },
      extra: { 'X-RateLimit-Scope': told.scope ?? 'user' },
      ...told,
    });

  it.each<[string, Told & { scope?: string }, string]>([
    ['user', {}, 'bucket'],
    ['shared', { scope: 'shared', remaining: 3 }, 'shared'],
  ])('of the bucket (%s) holds it, and the request comes again first', async (_, told, kind) => {
    const permit = await manager.acquire(messages());
    const next = manager.acquire(messages());
    expect(
      permit.complete(refused({ ...told, extra: { 'Retry-After': '2', 'X-RateLimit-Scope': told.scope ?? 'user' } })),
    ).toEqual({
      kind,
      retryAfter: 2_000,
    });
    const seen = watch([permit.retry(), next]);
    await clock.advance(1_900);
    expect(seen.granted).toEqual([]);
    await clock.advance(200);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.complete(answer());
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1]);
    seen.permits[1]?.cancel('unsent');
  });

  it('that no header explains holds the bucket, which is approached with care from then on', async () => {
    const permit = await manager.acquire(messages());
    const next = manager.acquire(messages());
    const hidden = refused({ remaining: 3, body: 'no json', extra: { 'Retry-After': '2' } });
    expect(permit.complete(hidden)).toEqual({ kind: 'hidden', retryAfter: 2_000 });
    const seen = watch([permit.retry(), next]);
    await clock.advance(1_999);
    expect(seen.granted).toEqual([]);
    await clock.advance(2);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.complete(answer());
    // Nothing else is known but that one request was one too many in that time.
    await clock.advance(1_900);
    expect(seen.granted).toEqual([0]);
    await clock.advance(200);
    expect(seen.granted).toEqual([0, 1]);
    seen.permits[1]?.cancel('unsent');
  });

  it('for the sake of its body holds the request alone', async () => {
    (await manager.acquire(messages())).complete(answer());
    const permit = await manager.acquire(messages());
    const next = manager.acquire(messages());
    expect(permit.complete(refused({ remaining: 3, retryAfter: 30 }))?.kind).toBe('sub-limit');
    const seen = watch([permit.retry(), next]);
    await clock.advance(0);
    expect(seen.granted).toEqual([1]);
    seen.permits[0]?.complete(answer());
    await clock.advance(29_999);
    expect(seen.granted).toEqual([1]);
    expect(manager.getBucket(messages()).isEmpty).toBe(false);
    await clock.advance(1);
    expect(seen.granted).toEqual([1, 0]);
    seen.permits[1]?.cancel('unsent');
  });

  it('for the sake of its body for longer than allowed is an error; so is a signal, or closing, while it waits', async () => {
    const attempt = async (retryAfter: number, signal?: AbortSignal) => {
      const permit = await manager.acquire(messages());
      permit.complete(refused({ remaining: 3, retryAfter }));
      return permit.retry({ signal });
    };
    await expect(attempt(301)).rejects.toThrow(RateLimitTooLongError);
    const controller = new AbortController();
    const aborted = attempt(30, controller.signal);
    await clock.advance(0);
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    const closed = attempt(30);
    await clock.advance(0);
    manager.close();
    await expect(closed).rejects.toThrow(LimiterClosedError);
  });

  it('of scope global holds the authentication, and it alone', async () => {
    const permit = await manager.acquire(messages(), { authorization: 'Bot a' });
    permit.complete({
      status: 429,
      headers: { 'X-RateLimit-Global': 'true', 'X-RateLimit-Scope': 'global', 'Retry-After': '1' },
      body: { message: '', retry_after: 0.5, global: true },
    });
    const seen = watch([
      manager.acquire(messages('2'), { authorization: 'Bot a' }),
      manager.acquire(messages('2'), { authorization: 'Bot b' }),
      permit.retry(),
    ]);
    await clock.advance(499);
    expect(seen.granted).toEqual([1]);
    await clock.advance(1);
    expect(seen.granted).toEqual([1, 0, 2]);
    for (const each of seen.permits) each.cancel('unsent');
  });

  it('of Cloudflare holds everything, exempt requests, too', async () => {
    const callback = CALLBACK.compile({ interaction: '1', token: 'aW50ZXJhY3Rpb246abc' });
    const told = vi.fn();
    manager.on('cloudflareBanned', told);
    const permit = await manager.acquire(messages(), { authorization: 'Bot a' });
    permit.complete({ status: 429, headers: { 'Retry-After': '60' }, body: '<html>' });
    expect(told).toHaveBeenCalledWith({ route: 'POST /channels/1/messages', retryAfter: 60_000, until: 61_000 });
    const seen = watch([manager.acquire(messages()), manager.acquire(callback), permit.retry()]);
    await clock.advance(59_999);
    expect(seen.granted).toEqual([]);
    await clock.advance(1);
    expect(seen.granted.sort()).toEqual([0, 1, 2]);
    for (const each of seen.permits) each.cancel('unsent');
    const again = await manager.acquire(history());
    again.complete({ status: 429, headers: { 'Retry-After': '600' }, body: '<html>' });
    await expect(manager.acquire(callback)).rejects.toMatchObject({ isGlobal: true, retryAfter: 600_000 });
  });
});

describe('the global limit', () => {
  it('lets no more requests leave than slots are free, across buckets, each bucket one a turn', async () => {
    manager = new RESTBucketManager({ clock, globalLimit: 2 });
    const first = await manager.acquire(messages('1'));
    first.complete(answer());
    const seen = watch(['1', '1', '1', '2', '3'].map((channel) => manager.acquire(history(channel))));
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.complete(answer({ hash: 'h' }));
    await clock.advance(999);
    expect(seen.granted).toEqual([0]);
    await clock.advance(1);
    expect(seen.granted).toHaveLength(3);
    // Channel 1 has two waiting, and does not go before 2 and 3 with both.
    expect(seen.granted).not.toEqual([0, 1, 2]);
    manager.close();
    for (const each of seen.permits.slice(1)) each.cancel('unsent');
    await clock.advance(0);
  });

  it('does not count interaction callbacks', async () => {
    manager = new RESTBucketManager({ clock, globalLimit: 1 });
    const permit = await manager.acquire(messages());
    const callback = CALLBACK.compile({ interaction: '1', token: 'aW50ZXJhY3Rpb246abc' });
    (await manager.acquire(callback)).complete({ status: 204, headers: {} });
    permit.cancel('unsent');
    (await manager.acquire(callback)).complete({ status: 204, headers: {} });
    (await manager.acquire(messages())).cancel('unsent');
  });

  it('counts interaction callbacks that carry an authorization', async () => {
    manager = new RESTBucketManager({ clock, globalLimit: 1 });
    const callback = CALLBACK.compile({ interaction: '1', token: 'aW50ZXJhY3Rpb246abc' });
    const permit = await manager.acquire(callback, { authorization: 'Bot a' });
    const seen = watch([manager.acquire(callback, { authorization: 'Bot a' })]);
    await clock.advance(5_000);
    expect(seen.granted).toEqual([]);
    permit.cancel('unsent');
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('is not kept when it is Infinity', async () => {
    manager = new RESTBucketManager({ clock, globalLimit: Number.POSITIVE_INFINITY });
    const permits = await Promise.all(
      Array.from({ length: 200 }, (_, channel) => manager.acquire(messages(String(channel)))),
    );
    for (const permit of permits) permit.cancel('unsent');
  });

  it('can be throttled by hand', async () => {
    manager.throttle(1_000);
    const seen = watch([manager.acquire(messages())]);
    await clock.advance(999);
    expect(seen.granted).toEqual([]);
    await clock.advance(1);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
    expect(() => manager.throttle(-1)).toThrow(RangeError);
    manager.throttle(2_000);
    const waiting = watch([manager.acquire(messages('2')), manager.acquire(messages('3'))]);
    manager.throttle(400_000);
    await clock.advance(0);
    expect(waiting.errors).toHaveLength(2);
    await expect(manager.acquire(messages())).rejects.toMatchObject({ isGlobal: true });
  });
});

describe('updateRateLimits', () => {
  const headers = { bucket: 'abc', limit: 5, remaining: 4, resetAfter: 1_000 };

  it('maps the route, makes the bucket and takes the request in flight as answered', async () => {
    const permit = await manager.acquire(history());
    manager.updateRateLimits(history(), headers);
    const bucket = manager.getBucket(history());
    expect(bucket.isUnknown).toBe(false);
    expect([bucket.limit, bucket.remaining]).toEqual([5, 4]);
    bucket.release();
    expect(permit.isEnded).toBe(true);
    expect(bucket.remaining).toBe(4);
  });

  it('takes headers in any form, and tells what is wrong with them', () => {
    const told = vi.fn();
    manager.on('malformedHeaders', told);
    manager.updateRateLimits(history(), new Headers(answer().headers));
    expect(manager.routesToHashes.get(history().identity)).toBe('abc');
    expect(manager.routesToHashes.has(MESSAGES)).toBe(false);
    manager.updateRateLimits(history(), { ...headers, remaining: Number.NaN });
    expect(told).toHaveBeenCalledOnce();
    expect([...manager.routesToHashes]).toEqual([[history().identity, 'abc']]);
    expect(manager.routesToHashes.size).toBe(1);
  });
});

describe('the garbage collector', () => {
  async function use(route: CompiledRoute, resetAfter: number): Promise<void> {
    (await manager.acquire(route)).complete(answer({ resetAfter }));
  }

  it('knows three states: active, survival, dead', async () => {
    await use(history('1'), 1);
    await use(history('2'), 30);
    await use(history('3'), 60);
    await clock.advance(35_000);
    expect(manager.doGCPass(10_000)).toEqual({ active: 1, survival: 1, dead: 1 });
    expect(manager.realHashesToBuckets.size).toBe(2);
    expect(manager.doGCPass(0)).toEqual({ active: 1, survival: 0, dead: 1 });
  });

  it('never takes a bucket in which something waits or is in flight', async () => {
    const permit = await manager.acquire(history());
    const seen = watch([manager.acquire(history())]);
    await clock.advance(3_600_000);
    expect(manager.doGCPass(0)).toEqual({ active: 1, survival: 0, dead: 0 });
    permit.cancel('unsent');
    await clock.advance(0);
    expect(manager.doGCPass(0)).toEqual({ active: 1, survival: 0, dead: 0 });
    seen.permits[0]?.cancel('unsent');
    expect(manager.doGCPass(0)).toEqual({ active: 0, survival: 0, dead: 1 });
  });

  it('runs in the background, and tells what it took', async () => {
    const collected = vi.fn();
    const passes = vi.fn();
    manager.on('bucketCollected', collected).on('gcPass', passes);
    manager.start({ pollPeriod: 100, expireAfter: 50 });
    expect(manager.isStarted).toBe(true);
    expect(() => manager.start()).toThrow('started already');
    await use(history(), 1);
    await clock.advance(1_000);
    expect(collected).not.toHaveBeenCalled();
    await clock.advance(200);
    expect(collected).toHaveBeenCalledOnce();
    expect(passes).toHaveBeenLastCalledWith({ active: 0, survival: 0, dead: 0 });
  });

  it('does not hold the event loop however many buckets there are', async () => {
    const slow = new VirtualClock();
    let readings = 0;
    // Each look at a bucket costs a tenth of a millisecond.
    const costly = { now: () => slow.now() + readings++ / 10, setTimer: slow.setTimer.bind(slow) };
    manager = new RESTBucketManager({ clock: costly, globalLimit: Number.POSITIVE_INFINITY });
    for (let channel = 0; channel < 2_000; channel++) manager.getBucket(history(String(channel)));
    manager.start({ pollPeriod: 1_000, expireAfter: 0 });
    await slow.advance(1_001);
    const left = manager.realHashesToBuckets.size;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(2_000);
    await slow.advance(1_000);
    expect(manager.realHashesToBuckets.size).toBe(0);
    manager.close();
    expect(slow.pendingTimers).toBe(0);
  });
});

describe('options', () => {
  it.each([
    [{ maxRateLimit: -1 }, 'maxRateLimit'],
    [{ maxRateLimit: Number.NaN }, 'maxRateLimit'],
    [{ globalLimit: 0 }, 'globalLimit'],
    [{ globalLimit: 1.5 }, 'globalLimit'],
    [{ maxQueueSize: -1 }, 'maxQueueSize'],
    [{ concurrency: 'some' as 'serial' }, 'concurrency'],
  ])('%j is refused at once', (options, name) => {
    expect(() => new RESTBucketManager(options)).toThrow(name);
  });

  it('of start are checked', () => {
    expect(() => manager.start({ pollPeriod: 0 })).toThrow(RangeError);
    expect(() => manager.start({ expireAfter: Number.NaN })).toThrow(RangeError);
  });
});

describe('events', () => {
  it('tell what happens, without secrets', async () => {
    const told: [string, unknown][] = [];
    const names = [
      'rateLimited',
      'globalLimited',
      'refused',
      'bucketResolved',
      'hashChanged',
      'routeUnlimited',
      'windowKind',
    ] as const;
    for (const name of names) manager.on(name, (event: unknown) => told.push([name, event]));
    const token = 'aW50ZXJhY3Rpb246secret';
    const followUp = Route.match('POST', `/webhooks/1/${token}`);
    (await manager.acquire(followUp, { authorization: 'Bot secret' })).complete(answer({ limit: 1, remaining: 0 }));
    const waiting = manager.acquire(followUp, { authorization: 'Bot secret' });
    await clock.advance(1_001);
    (await waiting).complete(answer({ hash: 'changed' }));
    (await manager.acquire(messages(), { authorization: 'Bot secret' })).complete({ status: 200, headers: {} });
    expect(told.map(([name]) => name)).toEqual(['bucketResolved', 'rateLimited', 'hashChanged', 'routeUnlimited']);
    expect(JSON.stringify(told)).not.toContain('secret');
    expect(told[1]?.[1]).toMatchObject({ limit: 1, remaining: 0, retryAfter: 1_001, queued: 1 });
  });

  it('of a listener that throws are reported, and harm nothing', async () => {
    const reported = vi.fn();
    const queue = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((callback) => {
      try {
        callback();
      } catch (error) {
        reported(error);
      }
    });
    manager.on('bucketResolved', () => {
      throw new Error('listener');
    });
    (await manager.acquire(history())).complete(answer());
    queue.mockRestore();
    expect(reported).toHaveBeenCalledWith(new Error('listener'));
    expect(manager.getBucket(history()).remaining).toBe(4);
  });
});
