import type { BucketReply, Report } from 'sluice';
import { describe, expect, it } from 'vitest';
import { LEASE, storeProcesses } from './store-processes.js';

const processes = storeProcesses();

/** The time at Discord is another one than in Redis. */
const SERVER = 1_700_000_000_000;

const MANY = [[0, 50]] as const;

/** An answer that has just come, of a window that resets at the server's `reset`. */
function answer(limit: number, remaining: number, resetAfter: number, more: Partial<Report> = {}): Report {
  return { route: 'GET /a', age: 0, limit, remaining, resetAfter, ...more };
}

function granted({ granted: pairs = [] }: BucketReply): number {
  return pairs.reduce((sum, [, count]) => sum + count, 0);
}

describe('requests that were lost', () => {
  it('count in the next window of a fleet, as they may have opened it', async () => {
    const redis = processes();
    const process = redis.start();
    const reset = SERVER + 1_000;
    await process.bucket({ reports: [answer(5, 4, 1_000, { reset, kind: 'f', sent: redis.now })] });
    redis.now += 900;
    await process.bucket({ reports: [{ age: 0, lost: 2 }] });
    redis.now += 200;
    expect(granted(await process.bucket({ want: MANY }))).toBe(3);
  });

  it('of a process that is gone count, as nobody hears what came of them', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    const reset = SERVER + 30_000;
    await first.bucket({ held: 2, reports: [answer(5, 5, 30_000, { reset, kind: 'f', sent: redis.now })] });
    redis.now += LEASE + 1;
    expect(granted(await second.bucket({ want: MANY }))).toBe(3);
  });

  it('do not count any more once a request that left after them is answered', async () => {
    const redis = processes();
    const process = redis.start();
    const reset = SERVER + 1_000;
    await process.bucket({ reports: [answer(5, 4, 1_000, { reset, kind: 'f', sent: redis.now })] });
    await process.bucket({ reports: [{ age: 0, lost: 2 }] });
    const sent = redis.now;
    redis.now += 100;
    const reports = [answer(5, 3, 900, { reset, sent })];
    expect(granted(await process.bucket({ reports, want: MANY }))).toBe(3);
  });
});

describe('the kind of a window', () => {
  it('shows in one answer to each of two processes, so that neither is as slow as if it were not known', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    const reset = SERVER + 1_000;
    await first.bucket({ reports: [answer(5, 4, 1_000, { reset, sent: redis.now })] });
    redis.now += 100;
    const reply = await second.bucket({ reports: [answer(5, 3, 900, { reset, sent: redis.now })], want: MANY });
    expect(reply.window?.kind).toBe('f');
  });

  it('does not look sliding when an answer of the window before comes late, or all would send before the reset', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    await first.bucket({ reports: [answer(5, 4, 900, { reset: SERVER + 2_000, sent: redis.now })] });
    const reports = [answer(5, 3, 800, { reset: SERVER + 1_000, sent: redis.now })];
    const reply = await second.bucket({ reports, want: MANY });
    expect(reply.window?.kind).toBe('u');
  });

  it('does not show in answers to two routes, which may have a counter each', async () => {
    const redis = processes();
    const process = redis.start();
    await process.bucket({ reports: [answer(5, 4, 1_000, { reset: SERVER + 1_000, sent: redis.now })] });
    redis.now += 100;
    const other = answer(5, 4, 1_000, { reset: SERVER + 1_100, sent: redis.now, route: 'PUT /a' });
    const reply = await process.bucket({ reports: [other], want: MANY });
    expect(reply.window?.kind).toBe('u');
  });

  it('is taken from the first process that knows it, and then from answers alone', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    await first.bucket({ reports: [answer(5, 4, 1_000, { reset: SERVER + 1_000, kind: 's', sent: redis.now })] });
    const reports = [answer(5, 4, 1_000, { reset: SERVER + 1_000, kind: 'f', sent: redis.now })];
    const reply = await second.bucket({ reports, want: MANY });
    expect(reply.window?.kind).toBe('s');
  });

  it('may be sliding where an answer names a reset after 0 ms, and requests go on', async () => {
    const redis = processes();
    const process = redis.start();
    await process.bucket({ reports: [answer(5, 4, 0, { reset: SERVER, kind: 's', sent: redis.now })] });
    redis.now += 1_000;
    expect(granted(await process.bucket({ want: [[0, 3]] }))).toBeGreaterThanOrEqual(3);
  });
});

describe('somebody else who uses the bucket', () => {
  it('shows in one request too many, and requests go one at a time', async () => {
    const redis = processes();
    const process = redis.start();
    const reset = SERVER + 1_000;
    await process.bucket({ reports: [answer(10, 9, 1_000, { reset, sent: redis.now })] });
    await process.bucket({ want: [[0, 1]] });
    const sent = redis.now;
    redis.now += 100;
    const reply = await process.bucket({ reports: [answer(10, 7, 900, { reset, sent })], want: MANY });
    expect(reply.cautiousFor).toBeGreaterThan(0);
    expect(granted(reply)).toBe(1);
  });

  it('is not suspected for requests of this fleet, answered or in flight', async () => {
    const redis = processes();
    const [first, second] = [redis.start(), redis.start()];
    const reset = SERVER + 1_000;
    await first.bucket({ reports: [answer(10, 9, 1_000, { reset, sent: redis.now })] });
    await first.bucket({ want: [[0, 2]] });
    await second.bucket({ want: [[0, 1]] });
    const sent = redis.now;
    redis.now += 100;
    const reports = [answer(10, 6, 900, { reset, sent, count: 2 })];
    const reply = await first.bucket({ reports, want: MANY });
    expect(reply.cautiousFor).toBeUndefined();
  });
});

describe('what Redis remembers of a bucket', () => {
  it('is kept until its window is over, even if that is longer than buckets are kept', async () => {
    const redis = processes();
    const reset = SERVER + 600_000;
    await redis.start().bucket({ reports: [answer(1, 0, 600_000, { reset, kind: 'f', sent: redis.now })] });
    const [key = ''] = await redis.client.keys(`${redis.prefix}*bucket:bucket`);
    expect(await redis.client.pttl(key)).toBeGreaterThan(500_000);
  });
});
