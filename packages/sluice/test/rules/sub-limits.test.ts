import { describe, expect, it } from 'vitest';
import { HEADER_PRECISION } from '../../src/rules/reset.js';
import type { SubLimitView } from '../../src/rules/sub-limit-view.js';
import { type AdmittedRequest, type HiddenRefusal, type SubLimit, SubLimits } from '../../src/rules/sub-limits.js';

const CHANNEL = 'PATCH /channels/{channel}';

/** An admitted request on a network with a delay of 20 ms each way. */
function admitted(at: number, ...fields: string[]): AdmittedRequest {
  return { fields, sentAt: at - 20, receivedAt: at + 20 };
}

/** Sends one request under a limit, which ends at `now`. */
function use(limit: SubLimit, now: number): void {
  limit.leave();
  limit.end(true, now);
}

describe('a sub-limit', () => {
  it('is measured from earlier requests: their number, in a period that began with the first of them', () => {
    const limits = new SubLimits();
    const limit = limits.refuse('PATCH /things/{id}', {
      fields: ['color'],
      retryAfter: 400,
      receivedAt: 620,
      admitted: [admitted(20, 'color'), admitted(100, 'size'), admitted(300, 'color')],
    });
    expect({ count: limit.count, period: limit.period }).toEqual({ count: 2, period: 1_020 });
    expect(limits.waitForFields(['color'], 620)).toBe(400);
    expect(limits.waitForFields(['size'], 620)).toBe(0);
    expect(limits.waitForFields([], 620)).toBe(0);
  });

  it('prevents the next refusal: it admits the measured count, then waits for the period to end', () => {
    const limits = new SubLimits();
    const limit = limits.refuse('PATCH /things/{id}', {
      fields: ['color'],
      retryAfter: 400,
      receivedAt: 620,
      admitted: [admitted(20, 'color'), admitted(300, 'color')],
    });
    expect(limits.waitForFields(['color'], 1_020)).toBe(0);
    use(limit, 2_000);
    expect(limits.waitForFields(['color'], 2_500)).toBe(0);
    use(limit, 2_500);
    expect(limits.waitForFields(['color'], 2_600)).toBe(420 + HEADER_PRECISION);
    expect(limits.waitForFields(['color'], 3_020 + HEADER_PRECISION)).toBe(0);
  });

  it('takes the requests in flight into account', () => {
    const limits = new SubLimits();
    const limit = limits.refuse(CHANNEL, { fields: ['name'], retryAfter: 100, receivedAt: 0, admitted: [] });
    limit.leave();
    expect(limits.waitForFields(['name'], 500)).toBe(Number.POSITIVE_INFINITY);
    limit.end(false, 600);
    expect(limits.waitForFields(['name'], 600)).toBe(0);
  });

  it('assigns old uses to earlier periods of the same length', () => {
    const limit = new SubLimits().refuse(CHANNEL, {
      fields: ['name'],
      retryAfter: 300_000,
      receivedAt: 10_000_000,
      admitted: [
        admitted(1_000_000, 'name'),
        admitted(5_000_000, 'name'),
        admitted(9_700_000, 'name'),
        admitted(9_900_000, 'name'),
      ],
    });
    expect(limit.count).toBe(2);
    expect(limit.period).toBe(600_020);
  });

  it('admits one request at a time when no earlier request is remembered', () => {
    const limit = new SubLimits().refuse(CHANNEL, { fields: ['name'], retryAfter: 100, receivedAt: 0, admitted: [] });
    expect({ count: limit.count, period: limit.period }).toEqual({ count: 1, period: 100 });
  });

  it('suspects channel name and topic before other fields of the body', () => {
    const limits = new SubLimits();
    const limit = limits.refuse(CHANNEL, {
      fields: ['name', 'position', 'nsfw'],
      retryAfter: 100,
      receivedAt: 0,
      admitted: [],
    });
    expect(limit.fields).toEqual(['name']);
    expect(limits.waitForFields(['position'], 0)).toBe(0);
    expect(
      limits.refuse('PATCH /things/{id}', { fields: ['a', 'b'], retryAfter: 1, receivedAt: 0, admitted: [] }).fields,
    ).toEqual(['a', 'b']);
  });

  it('suspects only the fields that all its refusals have in common', () => {
    const limits = new SubLimits();
    const refusal = { retryAfter: 100, receivedAt: 0, admitted: [] };
    const limit = limits.refuse('PATCH /things/{id}', { ...refusal, fields: ['a', 'b'] });
    expect(limits.refuse('PATCH /things/{id}', { ...refusal, fields: ['b', 'c'] })).toBe(limit);
    expect(limit.fields).toEqual(['b']);
    expect(limits.refuse('PATCH /things/{id}', { ...refusal, fields: ['d'] })).not.toBe(limit);
    expect(limits.limits).toHaveLength(2);
  });

  it('holds every request when the limit does not depend on fields', () => {
    const limits = new SubLimits();
    limits.refuse(CHANNEL, { fields: undefined, retryAfter: 100, receivedAt: 0, admitted: [admitted(-500, 'x')] });
    expect(limits.waitForAny(0)).toBe(100);
    expect(limits.waitForFields(['x'], 0)).toBe(0);
    expect(limits.idleAt).toBe(100);
  });

  it('is dropped when a bucket has too many', () => {
    const limits = new SubLimits();
    for (let index = 0; index < 50; index++) {
      limits.refuse('PATCH /things/{id}', { fields: [`f${index}`], retryAfter: 1, receivedAt: 0, admitted: [] });
    }
    expect(limits.limits).toHaveLength(8);
    expect(limits.concerning(['f49'])).toHaveLength(1);
  });
});

describe('a learned sub-limit', () => {
  const REFUSAL = { fields: ['color'], retryAfter: 400, receivedAt: 620, admitted: [] };
  const learn = (change: Partial<HiddenRefusal> = {}) =>
    new SubLimits().refuse('PATCH /things/{id}', { ...REFUSAL, ...change });

  it('begins its period with the last use if an earlier one was in a period of its own', () => {
    const limit = learn({
      retryAfter: 500_000,
      receivedAt: 10_000_000,
      admitted: [admitted(1_000_000, 'color'), admitted(9_900_000, 'color')],
    });
    expect([limit.count, limit.period, limit.used]).toEqual([1, 600_020, 1]);
  });

  it('shows users its fields, count, period, end and use', () => {
    const limit: SubLimitView = learn({ admitted: [admitted(20, 'color'), admitted(300, 'color')] });
    const { fields, count, period, endsAt, used } = limit;
    expect({ fields, count, period, endsAt, used }).toEqual({
      fields: ['color'],
      count: 2,
      period: 1_020,
      endsAt: 1_020,
      used: 2,
    });
  });

  it('suspects at most 64 fields, so that no body makes it large', () => {
    expect(learn({ fields: Array.from({ length: 100 }, (_, n) => `f${n}`) }).fields).toHaveLength(64);
  });

  it('waits for a response, not for time, while its last use is in flight', () => {
    const limit = learn();
    expect([limit.waitFor(1_019), limit.waitFor(1_020)]).toEqual([1, 0]);
    limit.leave();
    expect([limit.waitFor(700), limit.waitFor(2_000)]).toEqual([Infinity, Infinity]);
    limit.end(true, 2_000);
    expect([limit.used, limit.endsAt]).toEqual([1, 2_000 + 400 + HEADER_PRECISION]);
  });

  it('counts a use at the end of its period in the next one', () => {
    const limit = learn();
    use(limit, 1_019);
    expect([limit.used, limit.endsAt]).toEqual([2, 1_020]);
    use(limit, 1_020);
    expect([limit.used, limit.endsAt]).toEqual([1, 1_020 + 400 + HEADER_PRECISION]);
  });

  it('does not count a use that the server cannot have admitted', () => {
    const limit = learn();
    limit.leave();
    limit.end(false, 2_000);
    expect([limit.used, limit.endsAt, limit.waitFor(2_000)]).toEqual([1, 1_020, 0]);
  });

  it('has a new end after another refusal, and keeps its fields if the refusal shares none', () => {
    const limit = learn();
    limit.refuse({ ...REFUSAL, fields: ['size'], receivedAt: 5_000 });
    expect([limit.fields, limit.endsAt]).toEqual([['color'], 5_400]);
  });

  it('counts requests in flight as used when it outlives its process', () => {
    const limit = learn();
    limit.leave();
    expect(limit.knowledge(700, 900)).toMatchObject({ used: 2, endsAt: 1_020 });
    expect(limit.knowledge(700, 1_020)).toMatchObject({ used: 2, endsAt: 1_020 + 400 + HEADER_PRECISION });
    expect(limit.knowledge(1_020, 3_020)).toMatchObject({ used: 1, endsAt: 3_020 + 400 + HEADER_PRECISION });
    limit.end(false, 1_500);
    expect(limit.knowledge(1_500, 3_500)).toMatchObject({ used: 0, endsAt: 1_020, count: 1, period: 400 });
  });
});

describe('the sub-limits of a bucket', () => {
  const limit = { count: 1, period: 400, endsAt: 1_000, used: 1 };

  it('do not share uses with a copy for another bucket', () => {
    const limits = SubLimits.from([{ ...limit, fields: ['color'], count: 2 }]);
    limits.limits[0]?.leave();
    const copy = limits.clone();
    copy.limits[0]?.leave();
    copy.limits[0]?.end(true, 500);
    expect([limits, copy].map(({ limits: [first] }) => [first?.used, first?.count, first?.period])).toEqual([
      [1, 2, 400],
      [2, 2, 400],
    ]);
    expect([limits.waitForFields(['color'], 1_500), copy.waitForFields(['color'], 1_500)]).toEqual([0, 0]);
  });

  it('are restored up to their bound', () => {
    expect(SubLimits.from(Array.from({ length: 20 }, (_, n) => ({ ...limit, fields: [`f${n}`] }))).limits).toHaveLength(
      8,
    );
  });

  it('hold a request for the longest of those that apply to it', () => {
    const limits = SubLimits.from([
      { ...limit, fields: ['color'] },
      { ...limit, fields: ['color', 'size'], endsAt: 3_000 },
      { ...limit, fields: undefined, endsAt: 2_000 },
      { ...limit, fields: undefined, endsAt: 1_500 },
    ]);
    expect([limits.waitForFields(['color'], 500), limits.waitForAny(500), limits.idleAt]).toEqual([
      2_500, 1_500, 3_000,
    ]);
    expect([limits.waitForFields([], 500), limits.waitForFields(['other'], 500)]).toEqual([0, 0]);
    expect(limits.concerning(['size']).map(({ endsAt }) => endsAt)).toEqual([3_000, 2_000, 1_500]);
    expect(new SubLimits().idleAt).toBe(Number.NEGATIVE_INFINITY);
  });

  it('have one limit for all requests, which is the newest to be refused', () => {
    const limits = SubLimits.from([{ ...limit, fields: ['color'] }]);
    const refusal = { fields: undefined, retryAfter: 100, receivedAt: 5_000, admitted: [] };
    const all = limits.refuse(CHANNEL, refusal);
    expect(limits.refuse(CHANNEL, { ...refusal, receivedAt: 6_000 })).toBe(all);
    expect([limits.limits.length, limits.limits[0], all.endsAt]).toEqual([2, all, 6_100]);
    expect(limits.refuse(CHANNEL, { ...refusal, fields: ['size'] })).not.toBe(all);
  });

  it('suspect both fields of a channel that are known to be limited', () => {
    const refusal = { retryAfter: 100, receivedAt: 0, admitted: [] };
    const { fields } = new SubLimits().refuse(CHANNEL, { ...refusal, fields: ['nsfw', 'topic', 'name'] });
    expect(fields).toEqual(['topic', 'name']);
  });
});

describe('sub-limits', () => {
  it('have one bit each, in their order', () => {
    const limit = { count: 1, period: 10, endsAt: 0, used: 0 };
    const limits = SubLimits.from([
      { ...limit, fields: ['name'] },
      { ...limit, fields: undefined },
      { ...limit, fields: ['topic'] },
    ]);
    expect([[], ['name'], ['topic', 'name'], ['nsfw']].map((fields) => limits.maskOf(fields))).toEqual([2, 3, 7, 2]);
  });
});
