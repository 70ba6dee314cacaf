import { describe, expect, it } from 'vitest';
import { HEADER_PRECISION } from '../../src/rules/reset.js';
import { type AdmittedRequest, type SubLimit, SubLimits } from '../../src/rules/sub-limits.js';

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
