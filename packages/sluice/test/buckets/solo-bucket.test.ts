import { beforeEach, describe, expect, it } from 'vitest';
import { LimiterClosedError, RateLimitTooLongError, RESTBucket, Route, UNKNOWN_HASH } from '../../src/index.js';
import { clock, watch } from '../rig.js';
import { answer, refused } from './answers.js';

const ROUTE = new Route('GET', '/channels/{channel}/messages').compile({ channel: '123' });

let bucket: RESTBucket;

beforeEach(() => {
  bucket = new RESTBucket({ name: 'spaghetti', route: ROUTE, clock });
});

describe('a bucket made alone', () => {
  it('has its name, and is unknown if its name says so', () => {
    expect(bucket.name).toBe('spaghetti');
    expect(bucket.route).toBe(ROUTE);
    expect(bucket.isUnknown).toBe(false);
    expect(new RESTBucket({ name: `${UNKNOWN_HASH};x`, route: ROUTE }).isUnknown).toBe(true);
  });

  it('starts unknown: one request at a time', () => {
    expect([bucket.limit, bucket.remaining, bucket.resetAt, bucket.period]).toEqual([1, 1, 0, 0]);
    expect([bucket.isEmpty, bucket.queueSize, bucket.inFlight]).toEqual([true, 0, 0]);
    expect(bucket.isRateLimited(clock.now())).toBe(false);
    expect(bucket.timeUntilReset(clock.now())).toBe(0);
    expect(bucket.windowKind).toBe('unknown');
  });

  it('is updated with remaining, limit and reset', () => {
    bucket.updateRateLimit({ remaining: 3, limit: 5, resetAt: 11_000 });
    expect([bucket.limit, bucket.remaining, bucket.resetAt, bucket.period]).toEqual([5, 3, 11_000, 10_000]);
    bucket.updateRateLimit({ remaining: 4, limit: 6, resetAt: 2_000 });
    expect([bucket.limit, bucket.remaining, bucket.resetAt, bucket.period]).toEqual([6, 4, 2_000, 1_000]);
  });

  it('is rate limited when nothing remains, until the reset', () => {
    bucket.updateRateLimit({ remaining: 0, limit: 5, resetAt: 3_000 });
    expect(bucket.isRateLimited(2_999)).toBe(true);
    expect(bucket.timeUntilReset(2_500)).toBe(500);
    expect(bucket.isRateLimited(3_000)).toBe(false);
    expect(bucket.timeUntilReset(3_000)).toBe(0);
  });

  it('lets requests acquire and release', async () => {
    bucket.updateRateLimit({ remaining: 2, limit: 2, resetAt: 3_000 });
    await bucket.acquire();
    expect(bucket.remaining).toBe(1);
    bucket.release();
    bucket.release();
    expect(bucket.remaining).toBe(1);
    const permit = await bucket.acquire();
    expect(bucket.isRateLimited(clock.now())).toBe(true);
    bucket.updateRateLimit({ remaining: 0, limit: 2, resetAt: 3_000 });
    permit.cancel();
    expect(bucket.inFlight).toBe(0);
  });

  it('waits for the reset, and goes on in order', async () => {
    bucket.updateRateLimit({ remaining: 0, limit: 2, resetAt: 3_000 });
    const order: number[] = [];
    for (const index of [0, 1, 2]) void bucket.acquire().then(() => order.push(index));
    expect(bucket.isEmpty).toBe(false);
    await clock.advance(1_999);
    expect(order).toEqual([]);
    await clock.advance(1);
    expect(order).toEqual([0, 1]);
    bucket.release();
    await clock.runAll();
    expect(order).toEqual([0, 1, 2]);
  });

  it('learns from a response', async () => {
    const permit = await bucket.acquire();
    const headers = new Headers({
      'x-ratelimit-bucket': 'abc',
      'x-ratelimit-limit': '5',
      'x-ratelimit-remaining': '4',
      'x-ratelimit-reset-after': '1.5',
    });
    expect(permit.complete(new Response('', { headers }))).toBeUndefined();
    expect([bucket.limit, bucket.remaining, bucket.period]).toEqual([5, 4, 1_500]);
  });

  it('is held after a refusal', async () => {
    const permit = await bucket.acquire();
    const refusal = permit.complete({ status: 429, headers: {}, body: { retry_after: 3, global: false } });
    expect(refusal).toEqual({ kind: 'bucket', retryAfter: 3_000 });
    const granted: boolean[] = [];
    void permit.retry().then(() => granted.push(true));
    await clock.advance(2_999);
    expect(granted).toEqual([]);
    await clock.advance(1);
    expect(granted).toEqual([true]);
  });

  it('holds one request alone after a refusal for a field of its body', async () => {
    (await bucket.acquire()).complete(answer());
    const permit = await bucket.acquire();
    expect(permit.complete(refused({ remaining: 3, retryAfter: 3 }))?.kind).toBe('sub-limit');
    const seen = watch([permit.retry(), bucket.acquire()]);
    await clock.advance(2_999);
    expect(seen.granted).toEqual([1]);
    await clock.advance(1);
    expect(seen.granted).toEqual([1, 0]);
  });

  describe('a request that failed and is to be sent again', () => {
    it.each([
      ['without an answer', 'lost' as const],
      ['with one', { status: 502, headers: {} }],
    ])('%s keeps its place in the queue while it waits', async (_, outcome) => {
      const order: string[] = [];
      const failed = await bucket.acquire();
      void bucket.acquire().then((permit) => {
        order.push('later');
        permit.complete({});
      });
      void failed.repeat(outcome, { delay: 500 }).then((permit) => {
        order.push('again');
        permit.complete({});
      });
      expect(failed.isEnded).toBe(true);
      await clock.advance(499);
      expect(order).toEqual([]);
      await clock.advance(1);
      expect(order).toEqual(['again', 'later']);
      expect(clock.pendingTimers).toBe(0);
    });

    it('can be aborted while it waits, or before', async () => {
      const [waiting, before] = [new AbortController(), AbortSignal.abort('too late')];
      const permit = await bucket.acquire();
      const repeated = permit.repeat('unsent', { delay: 500, signal: waiting.signal });
      waiting.abort('enough');
      await expect(repeated).rejects.toBe('enough');
      const other = await bucket.acquire();
      await expect(other.repeat('unsent', { signal: before })).rejects.toBe('too late');
      expect([bucket.inFlight, bucket.queueSize, other.isEnded]).toEqual([0, 0, true]);
      expect(() => other.repeat('unsent')).toThrow('Cannot repeat the permit of GET /channels/123/messages');
    });

    it('is rejected when the bucket is closed', async () => {
      const permit = await bucket.acquire();
      bucket.close();
      await expect(permit.repeat('lost')).rejects.toThrow(LimiterClosedError);
      expect(bucket.inFlight).toBe(0);
    });
  });

  it('rejects a request whose wait is too long, at once', async () => {
    bucket = new RESTBucket({ name: 'spaghetti', route: ROUTE, clock, maxRateLimit: 1_000 });
    bucket.updateRateLimit({ remaining: 0, limit: 5, resetAt: 2_001 });
    await expect(bucket.acquire()).rejects.toThrow(RateLimitTooLongError);
    await clock.advance(1);
    const permit = bucket.acquire();
    await clock.advance(1_000);
    await expect(permit).resolves.toBeDefined();
  });

  it('can be resolved once', () => {
    const unknown = new RESTBucket({ name: UNKNOWN_HASH, route: ROUTE, clock });
    unknown.resolve('spaghetti');
    expect(unknown.name).toBe('spaghetti');
    expect(() => unknown.resolve('carbonara')).toThrow('Cannot resolve known bucket');
  });

  it('rejects waiting and later requests when it is closed', async () => {
    bucket.updateRateLimit({ remaining: 0, limit: 5, resetAt: 3_000 });
    const waiting = [bucket.acquire(), bucket.acquire()];
    bucket.close();
    bucket.close();
    for (const promise of waiting) await expect(promise).rejects.toThrow(LimiterClosedError);
    await expect(bucket.acquire()).rejects.toThrow('GET /channels/123/messages was not sent');
    expect(clock.pendingTimers).toBe(0);
  });
});
