import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type RESTBucketManager, Route } from '../../src/index.js';
import { answer } from '../buckets/answers.js';
import { history, messages } from '../buckets/requests.js';
import { clock, limiter, listen } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('events', () => {
  it('hold no secrets', async () => {
    const events: [string, unknown][] = [];
    const names = [
      'rateLimited',
      'globalLimited',
      'refused',
      'bucketResolved',
      'hashChanged',
      'routeUnlimited',
      'windowKind',
    ] as const;
    for (const name of names) manager.on(name, (event: unknown) => events.push([name, event]));
    const token = 'aW50ZXJhY3Rpb246secret';
    const followUp = Route.match('POST', `/webhooks/1/${token}`);
    (await manager.acquire(followUp, { authorization: 'Bot secret' })).complete(answer({ limit: 1, remaining: 0 }));
    const waiting = manager.acquire(followUp, { authorization: 'Bot secret' });
    await clock.advance(1_001);
    (await waiting).complete(answer({ hash: 'changed' }));
    (await manager.acquire(messages(), { authorization: 'Bot secret' })).complete({ status: 200, headers: {} });
    expect(events.map(([name]) => name)).toEqual(['bucketResolved', 'rateLimited', 'hashChanged', 'routeUnlimited']);
    expect(JSON.stringify(events)).not.toContain('secret');
    expect(events[1]?.[1]).toMatchObject({ limit: 1, remaining: 0, retryAfter: 1_001, queued: 1 });
  });

  it('whose listener throws harm nothing; the error is reported', async () => {
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

  it('report malformed headers, once for each answer', async () => {
    const events = listen(manager, 'malformedHeaders');
    (await manager.acquire(history())).complete(answer({ resetAfter: Number.NaN }));
    expect(events).toMatchObject([['malformedHeaders', { route: 'GET /channels/1/messages' }]]);
    (await manager.acquire(history())).complete(answer());
    expect(events).toHaveLength(1);
  });
});
