import { beforeEach, describe, expect, it } from 'vitest';
import { type RESTBucketManager, Route } from '../../../src/index.js';
import { answer, type Contents, refused } from '../../buckets/answers.js';
import { edit, history } from '../../buckets/requests.js';
import { ask, clock } from '../../rig.js';
import { begin, restart } from './restarts.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = begin();
});

/** An answer in a window that resets at this instant of the server's clock, in seconds. */
const until = (reset: number, contents: Contents = {}) =>
  answer({ resetAfter: 5, extra: { 'X-RateLimit-Reset': String(reset) }, ...contents });

/** Two routes of one hash answer so that they must have a counter each. */
async function split(channel: number): Promise<void> {
  (await manager.acquire(history(channel))).complete(until(1_005, { remaining: 1 }));
  (await manager.acquire(edit(channel))).complete(until(1_005.5));
  expect(manager.getBucket(edit(channel)).name).toContain('PATCH');
}

/** A refusal proves that the routes of the hash have one counter. */
async function join(channel: number): Promise<void> {
  (await manager.acquire(edit(channel))).complete(until(1_005.5, { remaining: 3 }));
  (await manager.acquire(edit(channel))).complete(until(1_005.5, { remaining: 0, status: 429 }));
  expect(manager.getBucket(edit(channel))).toBe(manager.getBucket(history(channel)));
}

describe('buckets that nothing has used since a restart', () => {
  it('keep the hold of either when their routes turn out to have one counter', async () => {
    await split(1);
    (await manager.acquire(history(2))).complete(until(1_100, { resetAfter: 100, remaining: 2 }));
    (await manager.acquire(edit(2))).complete(refused({ hash: 'abc', scope: 'shared', retryAfter: 20 }));
    manager = restart(manager);
    await join(1);
    const reads = await ask(1, () => manager.acquire(history(2)));
    await clock.advance(19_000);
    expect(reads.granted).toEqual([]);
    await clock.advance(1_100);
    expect(reads.granted).toEqual([0]);
  });

  it('take the window that resets last when their routes turn out to have one counter', async () => {
    await split(1);
    (await manager.acquire(history(2))).complete(until(1_100, { resetAfter: 100, remaining: 2 }));
    (await manager.acquire(edit(2))).complete(until(1_003, { resetAfter: 3, remaining: 4 }));
    manager = restart(manager);
    await join(1);
    expect(manager.getBucket(edit(2)).remaining).toBe(2);
    expect(manager.getBucket(edit(2)).resetAt).toBeGreaterThan(99_000);
  });

  it('keep the limit that a route without headers has, after its hold', async () => {
    (await manager.acquire(history())).complete({ status: 200, headers: {} });
    (await manager.acquire(history())).complete({ status: 429, headers: {}, body: { retry_after: 2 } });
    await clock.advance(5_000);
    manager = restart(manager);
    expect(manager.getBucket(history()).subLimits).toMatchObject([{ fields: undefined, count: 1 }]);
  });

  it('are joined for the hash that was refused only', async () => {
    await split(1);
    const longer = { hash: 'abcd', resetAfter: 5 };
    (await manager.acquire(Route.match('GET', '/guilds/1/roles'))).complete(until(1_005, { ...longer, remaining: 1 }));
    (await manager.acquire(Route.match('POST', '/guilds/1/roles'))).complete(
      until(1_005.5, { ...longer, remaining: 4 }),
    );
    manager = restart(manager);
    await join(1);
    expect(manager.getBucket(Route.match('GET', '/guilds/1/roles')).remaining).toBe(1);
    expect(manager.getBucket(Route.match('POST', '/guilds/1/roles')).remaining).toBe(4);
  });

  it('stay cautious', async () => {
    (await manager.acquire(history())).complete(answer({ remaining: 4 }));
    (await manager.acquire(history())).complete(answer({ remaining: 1 }));
    expect(manager.getBucket(history()).isCautious).toBe(true);
    manager = restart(manager);
    expect(manager.getBucket(history()).isCautious).toBe(true);
  });

  it('are forgotten with their authorizations, used or not', async () => {
    const as = (bot: number) => ({ authorization: `Bot ${bot}` });
    for (let bot = 0; bot < 1_050; bot++) (await manager.acquire(history(), as(bot))).complete(answer());
    manager = restart(manager);
    for (let bot = 0; bot < 500; bot++) (await manager.acquire(history(), as(bot))).complete(answer());
    await clock.advance(60_000);
    manager.doGCPass(0);
    expect(manager.snapshot().authentications).toEqual([]);
  });
});
