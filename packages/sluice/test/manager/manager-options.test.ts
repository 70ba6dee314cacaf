import { beforeEach, describe, expect, it } from 'vitest';
import { RESTBucketManager } from '../../src/index.js';
import { limiter } from '../rig.js';

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
});
