import { describe, expect, it } from 'vitest';
import { OfflineShare } from '../../src/coordination/offline-share.js';

/** Counts the requests that one process sends in `time` ms. Each response comes at once. */
function usedIn(share: OfflineShare, time: number): number {
  let used = 0;
  for (let now = 0; now < time; now++) {
    while (share.available(now) > 0) {
      share.take();
      share.end(now);
      used++;
    }
  }
  return used;
}

describe('OfflineShare', () => {
  it.each([
    { limit: 50, processes: 1, each: 50 },
    { limit: 50, processes: 4, each: 12 },
    { limit: 5, processes: 5, each: 1 },
  ])('is $each of $limit per period for each of $processes processes', ({ limit, processes, each }) => {
    expect(usedIn(new OfflineShare(limit, 100, processes), 100)).toBe(each);
  });

  it.each([
    { limit: 1, processes: 2 },
    { limit: 2, processes: 5 },
    { limit: 5, processes: 50 },
  ])('is one request in several periods, so that $processes processes together keep a limit of $limit', (of) => {
    const periods = 100;
    const used = usedIn(new OfflineShare(of.limit, 100, of.processes), periods * 100);
    expect(used * of.processes).toBeLessThanOrEqual(of.limit * periods);
    expect(used * of.processes).toBeGreaterThan(0.5 * of.limit * periods);
  });
});
