import { beforeEach, describe, expect, it } from 'vitest';
import type { Permit, RESTBucketManager } from '../../src/index.js';
import { answer } from '../buckets/answers.js';
import { CALLBACK, history, messages } from '../buckets/requests.js';
import { ask, clock, limiter, listen, settle, watch } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

function complete(permit: Permit): void {
  permit.complete(answer());
}

describe('the global limit', () => {
  it('allows one request per free slot, and one per bucket and turn', async () => {
    manager = limiter({ globalLimit: 2 });
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
    // Two requests of channel 1 wait; only one of them leaves before those of channels 2 and 3.
    expect(seen.granted).not.toEqual([0, 1, 2]);
    manager.close();
    for (const each of seen.permits.slice(1)) each.cancel('unsent');
    await clock.advance(0);
  });

  it('does not count interaction callbacks', async () => {
    manager = limiter({ globalLimit: 1 });
    const permit = await manager.acquire(messages());
    (await manager.acquire(CALLBACK)).complete({ status: 204, headers: {} });
    permit.cancel('unsent');
    (await manager.acquire(CALLBACK)).complete({ status: 204, headers: {} });
    (await manager.acquire(messages())).cancel('unsent');
  });

  it('counts interaction callbacks that carry an authorization', async () => {
    manager = limiter({ globalLimit: 1 });
    const permit = await manager.acquire(CALLBACK, { authorization: 'Bot a' });
    const seen = watch([manager.acquire(CALLBACK, { authorization: 'Bot a' })]);
    await clock.advance(5_000);
    expect(seen.granted).toEqual([]);
    permit.cancel('unsent');
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('does not exist when it is Infinity', async () => {
    manager = limiter({ globalLimit: Number.POSITIVE_INFINITY });
    const permits = await Promise.all(
      Array.from({ length: 200 }, (_, channel) => manager.acquire(messages(String(channel)))),
    );
    for (const permit of permits) permit.cancel('unsent');
  });

  it('holds every request after throttle()', async () => {
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

  it('holds requests until the longest of several holds is over', async () => {
    manager.throttle(10_000);
    manager.throttle(1_000);
    const [permit] = await settle([manager.acquire(history())]);
    expect(clock.now()).toBe(11_000);
    permit?.cancel('unsent');
  });

  it('is reported once per wait, however many requests wait', async () => {
    manager = limiter({ globalLimit: 1 });
    const events = listen(manager, 'globalLimited');
    const sent = [1, 2, 3, 4, 5, 6].map((channel) => manager.acquire(history(channel)).then(complete));
    await clock.advance(0);
    expect(events).toMatchObject([['globalLimited', { retryAfter: Number.POSITIVE_INFINITY, isReactive: false }]]);
    await settle(sent);
    expect(events).toHaveLength(1);
    await settle([1, 2].map((channel) => manager.acquire(history(channel)).then(complete)));
    expect(events).toHaveLength(2);
  });

  it('says whether the server asked for the wait', async () => {
    const events = listen(manager, 'globalLimited');
    manager.throttle(1_000);
    await settle([manager.acquire(history())]);
    expect(events).toMatchObject([['globalLimited', { retryAfter: 1_000, isReactive: true }]]);
  });

  it('has no slot more after an interaction callback', async () => {
    manager = limiter({ globalLimit: 1 });
    (await manager.acquire(CALLBACK)).complete({ status: 204, headers: {} });
    await clock.advance(1_001);
    const seen = await ask(2, (channel) => manager.acquire(history(channel)));
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('gives a bucket one place in line, even if a request of a higher priority moves it up', async () => {
    manager = limiter({ globalLimit: 1, concurrency: 'parallel' });
    for (const channel of [1, 2]) {
      (await manager.acquire(history(channel))).complete(answer({ limit: 9, remaining: 8, resetAfter: 60 }));
      await clock.advance(1_000);
    }
    const first = await manager.acquire(history(3));
    const at = [manager.acquire(history(1)), manager.acquire(history(2)), manager.acquire(history(1), { priority: 5 })];
    const seen = watch(at.map((promise) => promise.then((permit) => permit.complete(answer({ limit: 9 })))));
    first.complete(answer());
    await clock.runAll();
    expect(seen.granted).toEqual([2, 1, 0]);
  });
});
