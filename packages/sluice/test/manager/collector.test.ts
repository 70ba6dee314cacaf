import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type CompiledRoute, type RESTBucketManager, Route } from '../../src/index.js';
import { VirtualClock } from '../../src/testing.js';
import { answer, refused } from '../buckets/answers.js';
import { edit, history } from '../buckets/requests.js';
import { clock, limiter, watch } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('the garbage collector', () => {
  async function use(route: CompiledRoute, resetAfter: number): Promise<void> {
    (await manager.acquire(route)).complete(answer({ resetAfter }));
  }

  it('counts buckets as active, survival or dead', async () => {
    await use(history('1'), 1);
    await use(history('2'), 30);
    await use(history('3'), 60);
    await clock.advance(35_000);
    expect(manager.doGCPass(10_000)).toEqual({ active: 1, survival: 1, dead: 1 });
    expect(manager.realHashesToBuckets.size).toBe(2);
    expect(manager.doGCPass(0)).toEqual({ active: 1, survival: 0, dead: 1 });
  });

  it('never collects a bucket with requests that wait or are in flight', async () => {
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

  it('runs in the background, and reports each bucket it collects', async () => {
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

  it('pauses for the event loop, however many buckets there are', async () => {
    const slow = new VirtualClock();
    let readings = 0;
    // Each look at a bucket costs a tenth of a millisecond.
    const costly = { now: () => slow.now() + readings++ / 10, setTimer: slow.setTimer.bind(slow) };
    manager = limiter({ clock: costly, globalLimit: Number.POSITIVE_INFINITY });
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

  it('keeps a bucket while a limit on a field holds', async () => {
    const rename = () => manager.acquire(edit(), { body: { name: 'x' } });
    (await rename()).complete(answer({ resetAfter: 5 }));
    (await rename()).complete(refused({ remaining: 3, resetAfter: 5, retryAfter: 600 }));
    await clock.advance(60_000);
    expect(manager.doGCPass(10_000)).toEqual({ active: 1, survival: 0, dead: 0 });
    expect(manager.getBucket(edit()).subLimits).toHaveLength(1);
    await clock.advance(600_000);
    expect(manager.doGCPass(10_000)).toEqual({ active: 0, survival: 0, dead: 1 });
  });

  it('forgets routes above 10,000, but never those of a bucket in use', async () => {
    await use(history(), 3_600);
    for (let id = 0; id < 10_050; id++) manager.getBucket(Route.match('GET', `/gateway/x${id.toString(36)}q`));
    manager.doGCPass(0);
    const pins = Route.match('GET', '/channels/1/pins');
    await use(pins, 3_600);
    expect(manager.getBucket(pins)).toBe(manager.getBucket(history()));
  });

  it('forgets idle authorizations above 1,000, but none in use', async () => {
    const as = (bot: number) => ({ authorization: `Bot ${bot}` });
    for (let bot = 0; bot < 1_050; bot++) (await manager.acquire(history(), as(bot))).complete(answer());
    (await manager.acquire(history(), as(0))).complete(answer({ remaining: 3, resetAfter: 3_600 }));
    await clock.advance(60_000);
    manager.doGCPass(0);
    expect(manager.snapshot().authentications).toHaveLength(1);
    expect(manager.getBucket(history(), as(0)).remaining).toBe(3);
  });

  it('forgets the hashes of routes above 10,000 when their buckets are gone', async () => {
    for (let id = 0; id < 10_050; id++) {
      const route = Route.match('GET', `/gateway/x${id.toString(36)}q`);
      manager.updateRateLimits(route, { bucket: `h${id}`, limit: 5, remaining: 4, resetAfter: 1 });
    }
    expect(manager.routesToHashes.size).toBe(10_050);
    await clock.advance(60_000);
    manager.doGCPass(0);
    expect(manager.routesToHashes.size).toBe(0);
  });
});
