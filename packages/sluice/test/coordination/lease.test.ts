import { describe, expect, it } from 'vitest';
import { Lease, type LeaseState } from '../../src/coordination/lease.js';

const EVENTS = {
  share: (lease: Lease) => lease.share(),
  lapse: (lease: Lease) => lease.lapse(),
  lose: (lease: Lease) => lease.lose(),
};

function leaseIn(state: LeaseState): Lease {
  const lease = new Lease(10_000);
  if (state === 'shared') lease.share();
  if (state === 'local') lease.lose();
  return lease;
}

describe('Lease', () => {
  it.each([
    ['joining', 'share', 'shared', true],
    ['joining', 'lapse', 'joining', false],
    ['joining', 'lose', 'local', true],
    ['shared', 'share', 'shared', false],
    ['shared', 'lapse', 'joining', true],
    ['shared', 'lose', 'local', true],
    ['local', 'share', 'shared', true],
    // A process that has lost the store goes on alone until the store replies in time.
    ['local', 'lapse', 'local', false],
    ['local', 'lose', 'local', false],
  ] as const)('in state %s, %s leads to %s (new: %s)', (from, event, to, isNew) => {
    const lease = leaseIn(from);
    expect(EVENTS[event](lease)).toBe(isNew);
    expect(lease.state).toBe(to);
  });

  it('is good for 0.8 of its length, from the start of the exchange', () => {
    const lease = new Lease(10_000);
    expect(lease.isGood(0)).toBe(false);
    lease.renew(1_000);
    expect([lease.isGood(8_999), lease.isGood(9_000)]).toEqual([true, false]);
    lease.giveUp();
    expect(lease.isGood(1_000)).toBe(false);
  });

  it('has three heartbeats in its length', () => {
    expect(new Lease(9_000).heartbeat).toBe(3_000);
  });

  it('doubles the delay of retries up to two seconds, and starts again after a reply', () => {
    const lease = new Lease(10_000);
    const delays = Array.from({ length: 7 }, () => lease.nextRetry(0));
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000]);
    lease.renew(0);
    expect(lease.nextRetry(0)).toBe(100);
  });

  it('spreads the retries of many processes', () => {
    expect([new Lease(10_000).nextRetry(0.5), new Lease(10_000).nextRetry(0.99)]).toEqual([150, 199]);
  });
});
