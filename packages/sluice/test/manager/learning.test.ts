import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LimiterClosedError, RateLimitTooLongError, type RESTBucketManager } from '../../src/index.js';
import { answer, type Contents, refused } from '../buckets/answers.js';
import { CALLBACK, edit, history, MESSAGES, messages } from '../buckets/requests.js';
import { ask, clock, limiter, settle, watch } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('a refusal', () => {
  it.each<[string, Contents & { scope?: string }, string]>([
    ['user', {}, 'bucket'],
    ['shared', { scope: 'shared', remaining: 3 }, 'shared'],
  ])(
    'of the bucket (%s) holds the bucket, and the refused request leaves first afterwards',
    async (_, contents, kind) => {
      const permit = await manager.acquire(messages());
      const next = manager.acquire(messages());
      expect(
        permit.complete(
          refused({ ...contents, extra: { 'Retry-After': '2', 'X-RateLimit-Scope': contents.scope ?? 'user' } }),
        ),
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
    },
  );

  it('that no header explains holds the bucket; afterwards one request leaves per hold', async () => {
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
    // Only this is known: one request was one too many in that time.
    await clock.advance(1_900);
    expect(seen.granted).toEqual([0]);
    await clock.advance(200);
    expect(seen.granted).toEqual([0, 1]);
    seen.permits[1]?.cancel('unsent');
  });

  it('for a field of the body holds that request alone', async () => {
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

  it('for a field of the body: the wait ends with an error if it is too long, aborted, or the manager closes', async () => {
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

  it('of scope global holds its authorization and no other', async () => {
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

  it('by Cloudflare holds everything, interactions included', async () => {
    const events = vi.fn();
    manager.on('cloudflareBanned', events);
    const permit = await manager.acquire(messages(), { authorization: 'Bot a' });
    permit.complete({ status: 429, headers: { 'Retry-After': '60' }, body: '<html>' });
    expect(events).toHaveBeenCalledWith({ route: 'POST /channels/1/messages', retryAfter: 60_000, until: 61_000 });
    const seen = watch([manager.acquire(messages()), manager.acquire(CALLBACK), permit.retry()]);
    await clock.advance(59_999);
    expect(seen.granted).toEqual([]);
    await clock.advance(1);
    expect(seen.granted.sort()).toEqual([0, 1, 2]);
    for (const each of seen.permits) each.cancel('unsent');
    const again = await manager.acquire(history());
    again.complete({ status: 429, headers: { 'Retry-After': '600' }, body: '<html>' });
    await expect(manager.acquire(CALLBACK)).rejects.toMatchObject({ isGlobal: true, retryAfter: 600_000 });
  });

  it('makes the bucket cautious if nothing could foresee it', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 5, remaining: 4, resetAfter: 1 }));
    await clock.advance(5_000);
    const { permits } = await ask(5, () => manager.acquire(history()));
    permits[0]?.complete(refused({ limit: 5, remaining: 0, resetAfter: 1 }));
    expect(manager.getBucket(history()).isCautious).toBe(true);
    for (const permit of permits.slice(1)) permit.cancel('unsent');
  });

  it('for a field of the body may last as long as maxRateLimit', async () => {
    const permit = await manager.acquire(messages());
    permit.complete(refused({ remaining: 3, retryAfter: 300 }));
    const [again] = await settle([permit.retry()]);
    expect(clock.now()).toBe(301_000);
    again?.cancel('unsent');
  });

  it('for a known field lets one request at a time find out how many may leave', async () => {
    const rename = () => manager.acquire(edit(), { body: { name: 'x' } });
    (await manager.acquire(edit())).complete(answer());
    (await rename()).complete(refused({ remaining: 3, retryAfter: 10 }));
    await clock.advance(10_001);
    const renames = await ask(2, rename);
    expect([renames.granted, renames.errors]).toEqual([[0], []]);
    renames.permits[0]?.complete(answer());
    await clock.advance(9_999);
    expect(renames.granted).toEqual([0]);
    await clock.advance(10);
    expect(renames.granted).toEqual([0, 1]);
    renames.permits[1]?.cancel('unsent');
  });

  it('that is too long says nothing of a limit that is not known', async () => {
    manager.throttle(301_000);
    await expect(manager.acquire(history())).rejects.toMatchObject({
      limit: undefined,
      period: undefined,
      remaining: 1,
    });
  });
});

describe('updateRateLimits', () => {
  const headers = { bucket: 'abc', limit: 5, remaining: 4, resetAfter: 1_000 };

  it('maps the route, makes the bucket and counts the request in flight as answered', async () => {
    const permit = await manager.acquire(history());
    manager.updateRateLimits(history(), headers);
    const bucket = manager.getBucket(history());
    expect(bucket.isUnknown).toBe(false);
    expect([bucket.limit, bucket.remaining]).toEqual([5, 4]);
    bucket.release();
    expect(permit.isEnded).toBe(true);
    expect(bucket.remaining).toBe(4);
  });

  it('takes headers in any form, and reports malformed ones', () => {
    const events = vi.fn();
    manager.on('malformedHeaders', events);
    manager.updateRateLimits(history(), new Headers(answer().headers));
    expect(manager.routesToHashes.get(history().identity)).toBe('abc');
    expect(manager.routesToHashes.has(MESSAGES)).toBe(false);
    manager.updateRateLimits(history(), { ...headers, remaining: Number.NaN });
    expect(events).toHaveBeenCalledOnce();
    expect([...manager.routesToHashes]).toEqual([[history().identity, 'abc']]);
    expect(manager.routesToHashes.size).toBe(1);
  });

  it('counts one more request in flight as answered with each call', async () => {
    (await manager.acquire(history())).complete(answer());
    const { permits } = await ask(2, () => manager.acquire(history()));
    for (const remaining of [3, 2]) manager.updateRateLimits(history(), { ...headers, remaining });
    expect(manager.getBucket(history()).remaining).toBe(2);
    for (const permit of permits) permit.cancel('unsent');
    expect(manager.getBucket(history()).remaining).toBe(2);
  });

  it('is refused when the manager is closed', () => {
    manager.close();
    expect(() => manager.updateRateLimits(history(), headers)).toThrow(LimiterClosedError);
  });
});
