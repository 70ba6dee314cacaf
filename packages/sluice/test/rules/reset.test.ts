import { describe, expect, it } from 'vitest';
import { compareInstants, compareResets, narrow, type Reset, resetOf } from '../../src/rules/reset.js';

/** A reset with bounds on the local clock only. */
const local = (earliest: number, latest: number): Reset => ({ earliest, latest, server: undefined });

/** A reset that is also known on the server's clock. */
const onServer = (server: number, latest = 0): Reset => ({ earliest: 0, latest, server });

describe('the reset of a response', () => {
  it('lies between the bounds that any network delay allows', () => {
    const headers = { resetAfter: 500, reset: 9_000 };
    expect(resetOf({ headers, sentAt: 100, receivedAt: 180 })).toEqual({ earliest: 599, latest: 681, server: 9_000 });
  });
});

describe('two resets', () => {
  it('are one instant on the server clock if they differ by at most a millisecond', () => {
    expect([compareInstants(1_000, 1_001), compareInstants(1_001, 1_000)]).toEqual([0, 0]);
    expect([compareInstants(1_000, 1_002), compareInstants(1_002, 1_000)]).toEqual([-2, 2]);
  });

  it('are ordered by the server clock if both have its instant, whatever the local bounds', () => {
    expect(compareResets(onServer(5_000, 1), onServer(4_000, 9))).toBe(1_000);
  });

  it.each([
    ['before', local(10, 20), local(21, 30), -1],
    ['after', local(31, 40), local(21, 30), 1],
    ['possibly equal to', local(10, 20), local(20, 30), 0],
    ['possibly equal to', local(30, 40), local(21, 30), 0],
  ])('are ordered by their local bounds otherwise: %s', (_, a, b, order) => {
    expect(Math.sign(compareResets(a, b))).toBe(order);
    expect(compareResets(a, { ...b, server: 1 })).toBe(compareResets(a, b));
    expect(compareResets({ ...a, server: 1 }, b)).toBe(compareResets(a, b));
  });

  it('may be equal if their bounds are not known', () => {
    const unbounded: Reset = { earliest: undefined, latest: 25, server: undefined };
    expect([compareResets(unbounded, local(10, 20)), compareResets(local(30, 40), unbounded)]).toEqual([0, 5]);
    expect(compareResets(local(0, 10), unbounded)).toBe(0);
  });
});

describe('narrowing a reset', () => {
  it('keeps the narrower bounds, and the instant on the server clock', () => {
    expect(narrow(local(10, 40), local(20, 30))).toEqual(local(20, 30));
    expect(narrow(local(20, 30), local(10, 40))).toEqual(local(20, 30));
    expect(narrow(local(20, 30), { ...local(10, 40), server: 7 })).toEqual({ ...local(20, 30), server: 7 });
    expect(narrow({ ...local(20, 30), server: 7 }, { ...local(10, 40), server: 8 }).server).toBe(7);
  });

  it('does not bring a reset forward by a report that may be of an older one', () => {
    const known: Reset = { earliest: undefined, latest: 40, server: 9 };
    expect(narrow(known, local(20, 30))).toBe(known);
    expect(narrow(known, { ...local(20, 30), server: 9 })).toEqual({ earliest: 20, latest: 30, server: 9 });
    expect(narrow(known, { ...known, latest: 30 })).toEqual({
      earliest: Number.NEGATIVE_INFINITY,
      latest: 30,
      server: 9,
    });
    expect(narrow(local(10, 40), { earliest: undefined, latest: 30, server: undefined })).toEqual(local(10, 30));
  });
});
