import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LimitsSource, MAX_WAIT, parseLimits, type RateLimitHeaders } from '../../src/rules/headers.js';

const GOOD = {
  'x-ratelimit-limit': '5',
  'x-ratelimit-remaining': '4',
  'x-ratelimit-reset': '1470173023.123',
  'x-ratelimit-reset-after': '2.148',
  'x-ratelimit-bucket': 'abcd1234',
};
const KNOWN = { bucket: 'abcd1234', limit: 5, remaining: 4, resetAfter: 2_148, reset: 1_470_173_023_123 };

function good(changes: Record<string, string | undefined> = {}) {
  return parseLimits({ ...GOOD, ...changes });
}

function refused(headers: Record<string, string>, body?: unknown) {
  return parseLimits({ status: 429, headers, body });
}

describe('sources', () => {
  it.each<[string, LimitsSource]>([
    ['Fetch headers', new Headers(GOOD)],
    ['an object', GOOD],
    ['an object with names in any case', { 'X-RateLimit-Limit': '5', ...GOOD, 'X-RATELIMIT-LIMIT': '5' }],
    ['raw headers', Object.entries(GOOD).flatMap(([name, value]) => [name.toUpperCase(), value])],
    ['a Fetch response', new Response('{}', { headers: GOOD })],
    ['a response', { status: 200, headers: GOOD }],
    ['an object with a header that is named status', { ...GOOD, status: '200' }],
    ['headers that were parsed before', KNOWN],
    ['raw headers with names that are none', [{ toString: 0 }, 'x', ...Object.entries(GOOD).flat()] as string[]],
  ])('reads %s', (_, source) => {
    expect(parseLimits(source)).toMatchObject({ known: KNOWN, hasLimitHeaders: true, problems: [] });
  });

  it('has the status of a response, and none for bare headers', () => {
    expect(parseLimits(new Response(null, { status: 404 })).status).toBe(404);
    expect(good().status).toBeUndefined();
  });

  it.each([undefined, null, 5, 'x-ratelimit-limit: 5'])('refuses %s', (source) => {
    expect(() => parseLimits(source as never)).toThrow(TypeError);
    expect(() => parseLimits({ status: 200, headers: source } as never)).toThrow(TypeError);
  });

  it('finds nothing in a response without limits', () => {
    expect(parseLimits({ status: 204, headers: { 'content-length': '0' } })).toEqual({
      status: 204,
      known: undefined,
      hasLimitHeaders: false,
      scope: undefined,
      isGlobal: false,
      retryAfter: undefined,
      hasJSONBody: undefined,
      problems: [],
    });
  });
});

describe('several values of one header', () => {
  it('uses the first, without a problem when all are equal', () => {
    const limits = parseLimits({ ...GOOD, 'x-ratelimit-limit': ['5', '5'] });
    expect(limits).toMatchObject({ known: KNOWN, problems: [] });
  });

  it.each<[string, LimitsSource]>([
    ['in an array', { ...GOOD, 'x-ratelimit-limit': ['5', '6'] }],
    ['joined', { ...GOOD, 'x-ratelimit-limit': '5, 6' }],
    ['in raw headers', [...Object.entries(GOOD).flat(), 'X-RateLimit-Limit', '6']],
  ])('reports values that differ %s', (_, source) => {
    const { known, problems } = parseLimits(source);
    expect(known).toEqual(KNOWN);
    expect(problems).toEqual([
      { header: 'x-ratelimit-limit', value: '5, 6', reason: 'has several values; the first is used' },
    ]);
  });
});

describe('corrections', () => {
  it.each([
    ['remaining above the limit', { 'x-ratelimit-remaining': '7' }, { remaining: 5 }],
    ['negative remaining', { 'x-ratelimit-remaining': '-1' }, { remaining: 0 }],
    ['negative reset-after', { 'x-ratelimit-reset-after': '-0.5' }, { resetAfter: 0 }],
  ])('%s', (_, changes, expected) => {
    const { known, problems } = good(changes);
    expect(known).toEqual({ ...KNOWN, ...expected });
    expect(problems).toHaveLength(1);
  });

  it.each(['soon', '-1', '0', 'Infinity', '1e9', ''])('drops the reset %j and keeps the rest', (reset) => {
    const { known, problems } = good({ 'x-ratelimit-reset': reset });
    expect(known).toEqual({ bucket: 'abcd1234', limit: 5, remaining: 4, resetAfter: 2_148 });
    expect(problems).toMatchObject([{ header: 'x-ratelimit-reset', value: reset }]);
  });

  it('accepts waits of days', () => {
    expect(good({ 'x-ratelimit-reset-after': '102737.719' }).known?.resetAfter).toBe(102_737_719);
    expect(good({ 'x-ratelimit-reset-after': String(MAX_WAIT / 1_000) }).known?.resetAfter).toBe(MAX_WAIT);
  });

  it('parses every decimal as the platform does', () => {
    const digits = fc.stringMatching(/^\d{1,9}$/);
    fc.assert(
      fc.property(fc.stringMatching(/^\d{1,6}$/), fc.option(digits, { nil: undefined }), (whole, fraction) => {
        const text = fraction === undefined ? whole : `${whole}.${fraction}`;
        const expected = Math.max(0, Math.ceil(Number(text) * 1_000 - 0.001));
        expect(good({ 'x-ratelimit-reset-after': text }).known?.resetAfter).toBe(expected);
      }),
    );
  });

  it.each(['5.', '.5', '1.2.3', '+5', '٣', '5 5', '0b1'])('does not parse %j', (text) => {
    expect(good({ 'x-ratelimit-limit': text })).toMatchObject({ known: undefined, problems: [{ value: text }] });
  });

  it('trims values, and never gives a negative zero', () => {
    expect(good({ 'x-ratelimit-remaining': ' -0 ', 'x-ratelimit-reset-after': ' 0.000 ' }).known).toEqual({
      ...KNOWN,
      remaining: 0,
      resetAfter: 0,
    });
  });
});

describe('an invalid limit is not known', () => {
  it.each([
    ['x-ratelimit-limit', '0'],
    ['x-ratelimit-limit', '-5'],
    ['x-ratelimit-limit', '2.5'],
    ['x-ratelimit-limit', '0x10'],
    ['x-ratelimit-limit', '99999999999999999999'],
    ['x-ratelimit-remaining', 'none'],
    ['x-ratelimit-remaining', '0.5'],
    ['x-ratelimit-remaining', ''],
    ['x-ratelimit-reset-after', 'NaN'],
    ['x-ratelimit-reset-after', 'Infinity'],
    ['x-ratelimit-reset-after', '1e3'],
    ['x-ratelimit-reset-after', '.'],
    ['x-ratelimit-reset-after', String(MAX_WAIT / 1_000 + 1)],
    ['x-ratelimit-bucket', ''],
    ['x-ratelimit-bucket', 'a;b'],
    ['x-ratelimit-bucket', 'a b'],
    ['x-ratelimit-bucket', 'ä'],
    ['x-ratelimit-bucket', 'a'.repeat(129)],
  ])('%s: %s', (header, value) => {
    const { known, hasLimitHeaders, problems } = good({ [header]: value });
    expect(known).toBeUndefined();
    expect(hasLimitHeaders).toBe(true);
    expect(problems).toMatchObject([{ header, value: value.slice(0, 100) }]);
  });

  it.each(['limit', 'remaining', 'reset-after', 'bucket'])('%s is missing', (name) => {
    const header = `x-ratelimit-${name}`;
    const { known, hasLimitHeaders, problems } = good({ [header]: undefined });
    expect(known).toBeUndefined();
    expect(hasLimitHeaders).toBe(true);
    expect(problems).toEqual([{ header, value: '', reason: 'is missing' }]);
  });

  it('validates parsed headers by the same rules', () => {
    const parsed = (changes: Partial<RateLimitHeaders>) => parseLimits({ ...KNOWN, ...changes });
    expect(parsed({ limit: Number.NaN }).known).toBeUndefined();
    expect(parsed({ bucket: 'a;b' }).known).toBeUndefined();
    expect(parsed({ resetAfter: Number.POSITIVE_INFINITY }).known).toBeUndefined();
    expect(parsed({ resetAfter: -1 }).known?.resetAfter).toBe(0);
    expect(parsed({ remaining: 6 }).known?.remaining).toBe(5);
    expect(parsed({ reset: Number.NaN }).known).not.toHaveProperty('reset');
  });
});

describe('a missing reset-after', () => {
  const without = { ...GOOD, 'x-ratelimit-reset-after': undefined };

  it('counts from the Date header to the reset', () => {
    const headers = { ...without, 'x-ratelimit-reset': '1606613168.588', date: 'Sun, 29 Nov 2020 01:26:03 GMT' };
    expect(parseLimits(headers)).toMatchObject({ known: { resetAfter: 5_588 }, problems: [] });
  });

  it('counts from the Date header when the given reset-after is invalid', () => {
    const headers = { ...GOOD, 'x-ratelimit-reset-after': 'soon', date: 'Tue, 02 Aug 2016 21:23:40 GMT' };
    expect(parseLimits(headers)).toMatchObject({ known: { resetAfter: 3_123 }, problems: [{ value: 'soon' }] });
  });

  it('is 0 when the reset has passed', () => {
    const { known, problems } = parseLimits({ ...without, date: 'Tue, 02 Aug 2016 22:00:00 GMT' });
    expect(known?.resetAfter).toBe(0);
    expect(problems).toHaveLength(1);
  });

  it.each(['', 'yesterday', 'Tue, 02 Foo 2016 21:23:40 GMT'])('cannot be computed from the date %j', (date) => {
    expect(parseLimits({ ...without, date }).known).toBeUndefined();
  });

  it('parses every date as the platform does', () => {
    const instants = fc.date({ min: new Date('1970-01-02'), max: new Date('2399-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        const seconds = Math.floor(instant.getTime() / 1_000);
        const headers = { ...without, date: instant.toUTCString(), 'x-ratelimit-reset': `${seconds + 7}.000` };
        expect(parseLimits(headers).known?.resetAfter).toBe(7_000);
      }),
    );
  });
});

describe('scope and global', () => {
  it.each(['user', 'global', 'shared'] as const)('reads the scope %s', (scope) => {
    expect(refused({ 'x-ratelimit-scope': scope })).toMatchObject({ scope, isGlobal: scope === 'global' });
  });

  it('reports an unknown scope', () => {
    expect(refused({ 'X-RateLimit-Scope': 'galaxy' })).toMatchObject({
      scope: undefined,
      problems: [{ header: 'x-ratelimit-scope', value: 'galaxy' }],
    });
  });

  it('is global when a header or the body says so', () => {
    expect(refused({ 'x-ratelimit-global': 'true' }).isGlobal).toBe(true);
    expect(refused({}, { global: true }).isGlobal).toBe(true);
    expect(refused({ 'x-ratelimit-global': 'false' }, { global: 'true' }).isGlobal).toBe(false);
  });
});

describe('retryAfter', () => {
  it.each([
    ['the header alone', { 'retry-after': '3' }, undefined, 3_000],
    ['the body alone', {}, { retry_after: 0.661 }, 661],
    ['the body where the header rounds it up', { 'retry-after': '1' }, { retry_after: 0.661 }, 661],
    ['the header where it is longer', { 'retry-after': '5' }, { retry_after: 0.661 }, 5_000],
    ['the body where it is longer', { 'retry-after': '1' }, { retry_after: 582.019 }, 582_019],
    ['whole milliseconds, rounded up', {}, { retry_after: 0.3004 }, 301],
    ['no error of a float for a millisecond', {}, { retry_after: 0.30000001192092896 }, 300],
    ['none', {}, { message: 'slow down' }, undefined],
  ])('takes %s', (_, headers: Record<string, string>, body, expected) => {
    expect(refused(headers, body)).toMatchObject({ retryAfter: expected, problems: [] });
  });

  it('counts a date from the Date header', () => {
    const date = 'Sun, 29 Nov 2020 23:59:58 GMT';
    const retryAfter = 'Mon, 30 Nov 2020 00:00:08 GMT';
    expect(refused({ date, 'retry-after': retryAfter }).retryAfter).toBe(10_000);
    expect(refused({ 'retry-after': retryAfter })).toMatchObject({
      retryAfter: undefined,
      problems: [{ header: 'retry-after', value: retryAfter }],
    });
  });

  it.each([
    [{ 'retry-after': '-5' }, undefined, 0],
    [{ 'retry-after': 'soon' }, undefined, undefined],
    [{ 'retry-after': '2678401' }, undefined, undefined],
    [{}, { retry_after: Number.NaN }, undefined],
    [{}, { retry_after: '1' }, undefined],
    [{}, { retry_after: null }, undefined],
    [{}, { retry_after: { toString: null } }, undefined],
    [{}, { retry_after: -1 }, 0],
  ])('reports invalid values: %j %j', (headers: Record<string, string>, body, expected) => {
    const limits = refused(headers, body);
    expect(limits.retryAfter).toBe(expected);
    expect(limits.problems).toHaveLength(1);
  });

  it('is read from any error, but not from a success', () => {
    const headers = { 'retry-after': '3' };
    expect(parseLimits({ status: 503, headers }).retryAfter).toBe(3_000);
    expect(parseLimits(headers).retryAfter).toBe(3_000);
    expect(parseLimits({ status: 200, headers }).retryAfter).toBeUndefined();
  });
});

describe('hasJSONBody', () => {
  it.each([
    ['parsed JSON', { retry_after: 1 }, true],
    ['an object without prototype', Object.create(null), true],
    ['an array', [], true],
    ['JSON as text', '{"retry_after":1}', true],
    ['a page', '<html>banned</html>', false],
    ['text that is JSON, but no object', '1', false],
    ['an empty text', '', false],
    ['no body', null, false],
    ['a stream', new ReadableStream(), undefined],
    ['bytes', new Uint8Array(2), undefined],
    ['no body given', undefined, undefined],
  ])('of %s is %s', (_, body, expected) => {
    expect(refused({}, body).hasJSONBody).toBe(expected);
  });

  it('ignores the body of a response that is not an error', () => {
    expect(parseLimits({ status: 200, headers: {}, body: { retry_after: 1 } })).toMatchObject({
      hasJSONBody: undefined,
      retryAfter: undefined,
    });
  });
});

describe('any input', () => {
  const value = fc.oneof(
    fc.double().map(String),
    fc.integer().map(String),
    fc.constantFrom('', '0', '-0', '1,2', '0x1', '1e9', 'NaN', 'Infinity', 'true', 'global', 'shared'),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.string(),
  );
  const header = fc.constantFrom(
    ...Object.keys(GOOD),
    'retry-after',
    'date',
    'x-ratelimit-scope',
    'x-ratelimit-global',
  );
  const headers = fc.oneof(
    fc.dictionary(header, fc.option(fc.oneof(value, fc.array(value)), { nil: undefined })),
    fc.array(value),
    fc.array(fc.tuple(header, value)).map((pairs) => pairs.flat()),
  );
  const parsed = fc.record({
    bucket: fc.string(),
    limit: fc.double(),
    remaining: fc.double(),
    resetAfter: fc.double(),
    reset: fc.double(),
  });
  const body = fc.oneof(fc.anything(), fc.record({ retry_after: fc.oneof(fc.double(), fc.anything()) }), fc.json());
  const source = fc.oneof(headers, parsed, fc.record({ status: fc.constantFrom(200, 400, 429, 500), headers, body }));

  it('never throws, and every wait in the result is within its bounds', () => {
    fc.assert(
      fc.property(source, (given) => {
        const { known, retryAfter, problems } = parseLimits(given);
        for (const wait of [known?.resetAfter, retryAfter]) {
          expect(wait === undefined || (wait >= 0 && wait <= MAX_WAIT)).toBe(true);
        }
        if (known !== undefined) {
          expect(Number.isSafeInteger(known.limit) && known.limit >= 1).toBe(true);
          expect(Number.isSafeInteger(known.remaining)).toBe(true);
          expect(known.remaining >= 0 && known.remaining <= known.limit).toBe(true);
          expect(known.bucket).toMatch(/^[!-:<-~]{1,128}$/);
          expect(known.reset === undefined || (known.reset > 0 && Number.isFinite(known.reset))).toBe(true);
        }
        for (const problem of problems) expect(problem.value.length).toBeLessThanOrEqual(100);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read exactly when its headers are valid', () => {
    const milliseconds = fc.integer({ min: 0, max: MAX_WAIT });
    const limit = fc.integer({ min: 1, max: 50_000 });
    fc.assert(
      fc.property(limit, fc.nat(50_000), milliseconds, fc.integer({ min: 1, max: 4e12 }), (of, left, wait, reset) => {
        const headers = {
          'x-ratelimit-bucket': 'b',
          'x-ratelimit-limit': String(of),
          'x-ratelimit-remaining': String(Math.min(left, of)),
          'x-ratelimit-reset-after': (wait / 1_000).toFixed(3),
          'x-ratelimit-reset': (reset / 1_000).toFixed(3),
        };
        const expected = { bucket: 'b', limit: of, remaining: Math.min(left, of), resetAfter: wait, reset };
        expect(parseLimits(headers)).toMatchObject({ known: expected, problems: [] });
      }),
    );
  });
});

describe('errorCode', () => {
  const told = (status: number, body: unknown) => parseLimits({ status, headers: {}, body });

  it.each([
    [404, '{"code":10015}', 10_015, true],
    [404, { code: 10_015 }, 10_015, true],
    [429, { code: 20_016 }, 20_016, true],
    [404, {}, undefined, true],
    [404, { code: '10015' }, undefined, true],
    [404, '<html>', undefined, false],
    [404, null, undefined, false],
    [404, undefined, undefined, undefined],
    [200, { code: 1 }, undefined, undefined],
    [500, { code: 1 }, undefined, undefined],
  ])('of %i with %j is %s', (status, body, errorCode, hasJSONBody) => {
    expect(told(status, body)).toMatchObject({ errorCode, hasJSONBody });
  });

  it('is no wait and no global limit when the response is not a refusal', () => {
    expect(told(404, { retry_after: 60, global: true })).toMatchObject({ isGlobal: false, retryAfter: undefined });
  });
});
