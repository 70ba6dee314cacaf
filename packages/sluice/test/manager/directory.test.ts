import { beforeEach, describe, expect, it } from 'vitest';
import { type RESTBucketManager, Route, UNKNOWN_HASH } from '../../src/index.js';
import { answer, refused } from '../buckets/answers.js';
import { CALLBACK, edit, HISTORY, history, messages } from '../buckets/requests.js';
import { ask, clock, limiter, watch } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('an unknown bucket', () => {
  it('lets one request leave; the others wait for its answer', async () => {
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

  it('holds up neither other major parameters nor other authorizations', async () => {
    const seen = watch([
      manager.acquire(history('1')),
      manager.acquire(history('2')),
      manager.acquire(history('1'), { authorization: 'Bot b' }),
    ]);
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2]);
    for (const permit of seen.permits) permit.cancel('unsent');
  });

  it('lets the next request leave when the answer shows no limits', async () => {
    const seen = await ask(2, () => manager.acquire(history()));
    seen.permits[0]?.complete({ status: 502, headers: {} });
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1]);
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
    seen.permits[1]?.cancel('unsent');
  });

  it('becomes the bucket of its hash and stays the same object, as does every other bucket of its route', async () => {
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

  it('joins the bucket of another route with the same hash; waiting requests keep their order', async () => {
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

  it('is shared by PUT and DELETE of one path until an answer says otherwise', async () => {
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

  it('is not rate limited, even while its first request is in flight', async () => {
    const permit = await manager.acquire(history());
    const bucket = manager.getBucket(history());
    expect([bucket.isRateLimited(clock.now()), bucket.timeUntilReset(clock.now())]).toEqual([false, 0]);
    permit.cancel('unsent');
  });
});

describe('a route without limits', () => {
  it('sends requests together after its first answer without headers', async () => {
    const seen = await ask(3, () => manager.acquire(messages()));
    seen.permits[0]?.complete({ status: 200, headers: {} });
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1, 2]);
    expect(manager.getBucket(messages('2')).isUnlimited).toBe(true);
    for (const permit of seen.permits.slice(1)) permit.complete({ status: 200, headers: {} });
  });

  it('is limited again when headers appear; requests in flight count', async () => {
    const first = await manager.acquire(history());
    first.complete({ status: 200, headers: {} });
    const [a, b] = await Promise.all([manager.acquire(history()), manager.acquire(history())]);
    a?.complete(answer({ limit: 2, remaining: 1 }));
    const seen = await ask(1, () => manager.acquire(history()));
    expect(seen.granted).toEqual([]);
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
    b?.complete(answer({ limit: 2, remaining: 0 }));
    await clock.advance(1_001);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('is not assumed after a failed request', async () => {
    for (const status of [401, 404, 500]) (await manager.acquire(history())).complete({ status, headers: {} });
    expect(manager.getBucket(history()).isUnlimited).toBe(false);
  });

  it('is assumed for interaction callbacks from the start', async () => {
    const route = CALLBACK;
    const seen = watch([manager.acquire(route), manager.acquire(route)]);
    await clock.advance(0);
    expect(seen.granted).toEqual([0, 1]);
    for (const permit of seen.permits) permit.complete({ status: 204, headers: {} });
  });

  it('is limited for every major parameter when headers appear', async () => {
    (await manager.acquire(history(1))).complete({ status: 200, headers: {} });
    (await manager.acquire(history(1))).complete(answer());
    const seen = await ask(2, () => manager.acquire(history(2)));
    expect(seen.granted).toEqual([0]);
    expect(manager.getBucket(history(2)).isUnlimited).toBe(false);
    seen.permits[0]?.cancel('unsent');
  });
});

describe('a bucket whose hash changes', () => {
  it('hands over waiting requests and requests in flight, in order', async () => {
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

  it('keeps the requests of other routes, and lets them leave', async () => {
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

  it('takes its hold along', async () => {
    (await manager.acquire(history())).complete(answer({ hash: 'old' }));
    const { permits } = await ask(2, () => manager.acquire(history()));
    permits[0]?.complete(refused({ hash: 'old', scope: 'shared', remaining: 3, retryAfter: 20 }));
    permits[1]?.complete(answer({ hash: 'new' }));
    const waiting = await ask(1, () => manager.acquire(history()));
    await clock.advance(19_999);
    expect(waiting.granted).toEqual([]);
    await clock.advance(2);
    expect(waiting.granted).toEqual([0]);
  });

  it('takes along the requests beside its queue, which can still be aborted', async () => {
    (await manager.acquire(edit())).complete(answer({ hash: 'old' }));
    const rename = { body: { name: 'x' } };
    const refusal = refused({ hash: 'old', remaining: 3, retryAfter: 60 });
    const permit = await manager.acquire(edit(), rename);
    permit.complete(refusal);
    const controller = new AbortController();
    const parked = watch([permit.retry({ signal: controller.signal })]);
    (await manager.acquire(edit())).complete(answer({ hash: 'new' }));
    expect(manager.getBucket(edit()).queueSize).toBe(1);
    controller.abort('enough');
    await clock.advance(0);
    expect(parked.errors).toEqual(['enough']);
    expect(manager.getBucket(edit()).queueSize).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets the waiting requests of its partner leave, even if the routes of the new hash count separately', async () => {
    const reset = (at: number) => ({ 'X-RateLimit-Reset': String(at) });
    (await manager.acquire(history())).complete(answer({ remaining: 1, resetAfter: 5, extra: reset(1_005) }));
    (await manager.acquire(messages())).complete(answer({ remaining: 4, resetAfter: 5, extra: reset(1_005.5) }));
    const pin = (method: string) => Route.match(method, '/channels/1/pins/2');
    const put = await manager.acquire(pin('PUT'));
    const remove = await ask(1, () => manager.acquire(pin('DELETE')));
    expect(remove.granted).toEqual([]);
    manager.updateRateLimits(pin('PUT'), answer().headers);
    await clock.advance(0);
    expect(remove.granted).toEqual([0]);
    expect(remove.permits[0]?.bucket).toBe(manager.getBucket(pin('DELETE')));
    expect(manager.getBucket(pin('DELETE'))).not.toBe(manager.getBucket(pin('PUT')));
    for (const permit of [put, ...remove.permits]) permit.cancel('unsent');
  });

  it('makes no buckets for requests that other routes alone have sent', async () => {
    for (const request of [messages(1), messages(2), history(1)]) {
      (await manager.acquire(request)).complete(answer({ hash: 'old' }));
    }
    (await manager.acquire(history(1))).complete(answer({ hash: 'new' }));
    const names = [...manager.realHashesToBuckets.keys()].map((name) => name.replace(';none', ''));
    expect(names.sort()).toEqual(['new;1', 'old;1', 'old;2']);
  });

  it('lets the waiting requests of other major parameters leave, too', async () => {
    (await manager.acquire(history(2))).complete(answer());
    const first = await manager.acquire(messages(1));
    const second = await ask(2, () => manager.acquire(messages(2), { concurrency: 'parallel' }));
    expect(second.granted).toEqual([0]);
    first.complete(answer());
    await clock.advance(0);
    expect(second.granted).toEqual([0, 1]);
    for (const permit of second.permits) permit.cancel('unsent');
  });
});
