import { describe, expect, it } from 'vitest';
import { GlobalLimit } from '../../src/rules/global-limit.js';

describe('GlobalLimit', () => {
  it('frees a slot one second after the response to its last request, not after the request was sent', () => {
    const limit = new GlobalLimit(1);
    expect(limit.waitFor(0)).toBe(0);
    limit.take();
    expect(limit.waitFor(5_000)).toBe(Number.POSITIVE_INFINITY);
    limit.end(5_000);
    expect(limit.waitFor(5_400)).toBe(600);
    expect(limit.available(5_999)).toBe(0);
    expect(limit.available(6_000)).toBe(1);
  });

  it('frees the slot of a request that was never sent at once', () => {
    const limit = new GlobalLimit(1);
    limit.take();
    limit.giveBack();
    expect(limit.available(0)).toBe(1);
  });

  it('never admits more requests than slots in any second, over many rounds', () => {
    const limit = new GlobalLimit(3);
    const ends: number[] = [];
    for (let now = 0; now < 20_000; now += 37) {
      if (limit.available(now) === 0) continue;
      limit.take();
      limit.end(now + 10);
      ends.push(now + 10);
    }
    for (const end of ends) expect(ends.filter((e) => e > end - 1_000 && e <= end).length).toBeLessThanOrEqual(3);
    expect(ends.length).toBeGreaterThan(50);
  });

  it('uses only the slots that it owns, and waits until enough of them are free', () => {
    const limit = new GlobalLimit(5);
    limit.ownOnly(2);
    limit.own([0, 300], 1_000);
    expect([limit.owned, limit.available(1_000), limit.available(1_300)]).toEqual([4, 3, 4]);
    for (const end of [1_300, 1_310, 1_320, 1_330]) {
      limit.take();
      limit.end(end);
    }
    limit.ownOnly(2);
    expect(limit.waitFor(1_400)).toBe(1_320 + 1_000 - 1_400);
  });

  it('gives away the slots that are free first, or those used last, but none in flight', () => {
    const limit = new GlobalLimit(4);
    limit.take();
    for (const end of [100, 200]) {
      limit.take();
      limit.end(end);
    }
    expect(limit.giveAway(2, 300)).toEqual([0, 800]);
    expect(limit.giveAwayUsed(1, 300)).toEqual([900]);
    expect([limit.giveAway(9, 300), limit.owned, limit.inFlight]).toEqual([[], 1, 1]);
  });

  it('forgets requests that another process accounts for', () => {
    const limit = new GlobalLimit(2);
    for (const end of [100, 200]) {
      limit.take();
      limit.end(end);
    }
    limit.forgetEnds(100);
    expect(limit.available(300)).toBe(1);
  });

  it('gives away slots that were used long ago as free', () => {
    const limit = new GlobalLimit(2);
    limit.restore([100, 200]);
    expect(limit.giveAwayUsed(2, 1_150)).toEqual([50, 0]);
    expect(limit.owned).toBe(0);
    expect(limit.waitFor(1_150)).toBe(Number.POSITIVE_INFINITY);
  });

  it('lists the last uses oldest first, with the requests in flight as if they ended', () => {
    const limit = new GlobalLimit(4);
    limit.restore([100, 300]);
    limit.take();
    expect(limit.ends(400, 250)).toEqual([100, 250, 300]);
    expect(limit.ends(1_100, 900)).toEqual([300, 900]);
  });

  it('keeps uses in order, whenever they become known', () => {
    const limit = new GlobalLimit(5);
    limit.restore([100, 300, 400]);
    limit.restore([200]);
    expect(limit.ends(450, 0)).toEqual([100, 200, 300, 400]);
    limit.ownOnly(3);
    limit.own([0, 550], 650);
    expect([limit.owned, limit.ends(700, 0)]).toEqual([5, [100, 200, 200, 300, 400]]);
  });

  it('remembers the latest use of each slot when there are more uses than slots', () => {
    const limit = new GlobalLimit(3);
    limit.restore([1, 2, 3, 4, 5]);
    expect(limit.ends(10, 0)).toEqual([3, 4, 5]);
    limit.restore([6]);
    expect(limit.ends(10, 0)).toEqual([4, 5, 6]);
    limit.restore([4.5]);
    expect(limit.ends(10, 0)).toEqual([4.5, 5, 6]);
    // An older end than all of them frees no slot earlier.
    limit.restore([2]);
    expect(limit.ends(10, 0)).toEqual([4.5, 5, 6]);
    expect(limit.available(1_004.5)).toBe(1);
  });

  it('is idle only when all its slots are free', () => {
    const limit = new GlobalLimit(2);
    expect(limit.isIdle(0)).toBe(true);
    limit.take();
    expect(limit.isIdle(0)).toBe(false);
    limit.end(100);
    expect([limit.isIdle(1_099), limit.isIdle(1_100)]).toEqual([false, true]);
  });

  it('never gives away a slot whose request is in flight', () => {
    const limit = new GlobalLimit(2);
    limit.take();
    limit.restore([100]);
    expect([limit.giveAway(2, 200), limit.inFlight, limit.owned]).toEqual([[900], 1, 1]);
    expect(limit.giveAwayUsed(2, 200)).toEqual([]);
  });
});
