import { beforeEach, describe, expect, it } from 'vitest';
import { QueueFullError, RESTBucketManager } from '../../src/index.js';
import { history } from '../buckets/requests.js';
import { ask, limiter } from '../rig.js';

let manager: RESTBucketManager;

beforeEach(() => {
  manager = limiter();
});

describe('options', () => {
  it.each([
    [{ maxRateLimit: -1 }, 'maxRateLimit'],
    [{ maxRateLimit: Number.NaN }, 'maxRateLimit'],
    [{ globalLimit: 0 }, 'globalLimit'],
    [{ globalLimit: 1.5 }, 'globalLimit'],
    [{ maxQueueSize: -1 }, 'maxQueueSize'],
    [{ concurrency: 'some' as 'serial' }, 'concurrency'],
  ])('%j is a TypeError or RangeError that names the option', (options, name) => {
    expect(() => new RESTBucketManager(options)).toThrow(name);
  });

  it('of start are checked, too', () => {
    expect(() => manager.start({ pollPeriod: 0 })).toThrow(RangeError);
    expect(() => manager.start({ expireAfter: Number.NaN })).toThrow(RangeError);
  });

  it('have the documented defaults', () => {
    expect(manager).toMatchObject({ globalLimit: 50, maxRateLimit: 300_000 });
    expect(manager.invalidRequests).toMatchObject({ limit: 10_000, period: 600_000, margin: 0.05, onLimit: 'hold' });
  });

  it('allow any number of waiting requests by default, or none', async () => {
    const permit = await manager.acquire(history());
    expect((await ask(2_000, () => manager.acquire(history()))).pending).toBe(2_000);
    manager = limiter({ maxQueueSize: 0 });
    const seen = await ask(2, () => manager.acquire(history()));
    expect([seen.granted, seen.errors]).toEqual([[0], [expect.any(QueueFullError)]]);
    for (const each of [permit, ...seen.permits]) each.cancel('unsent');
  });
});
