import { beforeEach, describe, expect, it } from 'vitest';
import { LimiterClosedError, type RESTBucketManager } from '../../src/index.js';
import { clock, limiter, watch } from '../rig.js';
import { answer, refused } from './answers.js';
import { history, messages } from './requests.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
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

  it('ends when its scope is left', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 2, remaining: 1 }));
    {
      await using permit = await manager.acquire(history());
      expect(permit.bucket.inFlight).toBe(1);
    }
    // The request may have left, and may yet arrive.
    expect(manager.getBucket(history()).inFlight).toBe(1);
    expect(manager.getBucket(history()).remaining).toBe(0);
    await clock.advance(2_000);
    expect(manager.getBucket(history()).inFlight).toBe(0);
    await clock.advance(1_001);
    expect(manager.getBucket(history()).remaining).toBe(2);
  });

  it('of a request that never left costs nothing', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 2, remaining: 1 }));
    (await manager.acquire(history())).cancel('unsent');
    expect(manager.getBucket(history()).remaining).toBe(1);
  });

  it('of a request that was lost counts until a later request is answered', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 3, remaining: 2, resetAfter: 10 }));
    (await manager.acquire(history())).cancel('lost');
    expect(manager.getBucket(history()).remaining).toBe(1);
    (await manager.acquire(history())).complete(answer({ limit: 3, remaining: 1, resetAfter: 10 }));
    expect(manager.getBucket(history()).remaining).toBe(1);
  });

  it('that its caller gives up lets the next write leave at once', async () => {
    (await manager.acquire(messages())).complete(answer());
    const permit = await manager.acquire(messages());
    const seen = watch([manager.acquire(messages())]);
    permit.cancel();
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
    await clock.advance(2_000);
  });

  it('cannot be retried when the manager is closed', async () => {
    const permit = await manager.acquire(history());
    permit.complete(refused());
    manager.close();
    await expect(permit.retry()).rejects.toThrow(LimiterClosedError);
  });

  it('that its caller gives up still counts in the window when it can no longer arrive', async () => {
    (await manager.acquire(history())).complete(answer({ limit: 3, remaining: 2, resetAfter: 10 }));
    (await manager.acquire(history())).cancel();
    await clock.advance(2_001);
    const bucket = manager.getBucket(history());
    expect([bucket.inFlight, bucket.remaining]).toEqual([0, 1]);
  });

  it('is repeated at once unless a delay is given', async () => {
    const permit = await manager.acquire(history());
    const again = watch([permit.repeat('unsent')]);
    await clock.advance(0);
    expect(again.granted).toEqual([0]);
    again.permits[0]?.cancel('unsent');
  });
});
