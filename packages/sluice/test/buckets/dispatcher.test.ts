import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type CompiledRoute,
  LimiterClosedError,
  QueueFullError,
  RateLimitTooLongError,
  type RESTBucketManager,
  Route,
} from '../../src/index.js';
import { ask, clock, limiter, watch } from '../rig.js';
import { answer, refused } from './answers.js';
import { edit, history, messages } from './requests.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('order and concurrency', () => {
  async function learn(route: CompiledRoute, remaining = 49): Promise<void> {
    (await manager.acquire(route)).complete(answer({ limit: 50, remaining, resetAfter: 60 }));
  }

  it('writes leave one after another, reads together, in the order of acquire', async () => {
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
  ] as const)('%s allows %i of three reads in flight', async (concurrency, expected) => {
    await learn(history());
    const seen = await ask(3, () => manager.acquire(history(), { concurrency }));
    expect(seen.granted).toHaveLength(expected);
    manager.close();
    await clock.advance(0);
    for (const permit of seen.permits) permit.cancel('unsent');
  });

  it('higher priorities leave first', async () => {
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

  it('a serial request waits for the reads in flight', async () => {
    await learn(history());
    const read = await manager.acquire(history());
    const serial = await ask(1, () => manager.acquire(history(), { concurrency: 'serial' }));
    expect(serial.granted).toEqual([]);
    read.complete(answer({ limit: 50, remaining: 48, resetAfter: 60 }));
    await clock.advance(0);
    expect(serial.granted).toEqual([0]);
    serial.permits[0]?.cancel('unsent');
  });

  it('a request without a priority has priority 0', async () => {
    const first = await manager.acquire(history());
    const seen = watch([manager.acquire(history(), { priority: 0 }), manager.acquire(history())]);
    first.complete(answer({ limit: 1, remaining: 0 }));
    await clock.advance(1_001);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('HEAD requests leave together, as GET requests do', async () => {
    const head = Route.match('HEAD', '/channels/1/messages');
    await learn(head);
    const seen = await ask(2, () => manager.acquire(head));
    expect(seen.granted).toEqual([0, 1]);
    for (const permit of seen.permits) permit.cancel('unsent');
  });
});

describe('ending a wait', () => {
  it("by its signal, with the signal's reason, from any place in the queue", async () => {
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

  it('by one signal for many requests, without a warning of a leak', async () => {
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

  it('by a limit that lasts too long, at once', async () => {
    manager = limiter({ maxRateLimit: 5_000 });
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

  it('by a full queue', async () => {
    manager = limiter({ maxQueueSize: 1 });
    const permit = await manager.acquire(history());
    const seen = watch([manager.acquire(history())]);
    await expect(manager.acquire(history())).rejects.toThrow(QueueFullError);
    permit.complete(answer());
    await clock.advance(0);
    expect(seen.granted).toEqual([0]);
    seen.permits[0]?.cancel('unsent');
  });

  it('by closing the manager; later requests are rejected, too', async () => {
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
    // An answer that arrives later does no harm.
    permit.complete(answer());
  });

  it('never ends a request that may leave, even if requests beside the queue fill it', async () => {
    manager = limiter({ maxQueueSize: 1 });
    (await manager.acquire(edit())).complete(answer());
    const rename = await manager.acquire(edit(), { body: { name: 'x' } });
    rename.complete(refused({ remaining: 3, retryAfter: 60 }));
    const parked = watch([rename.retry()]);
    (await manager.acquire(edit(), { body: { position: 1 } })).complete(answer());
    expect(parked.pending).toBe(1);
  });

  it('by an error leaves no listener on the signal', async () => {
    const permit = await manager.acquire(history());
    const { signal } = new AbortController();
    const waiting = watch([manager.acquire(history(), { signal })]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    manager.close();
    await clock.advance(0);
    expect(waiting.errors).toEqual([expect.any(LimiterClosedError)]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    permit.cancel('unsent');
  });
});
