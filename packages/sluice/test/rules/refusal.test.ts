import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_WAIT, parseLimits } from '../../src/rules/headers.js';
import { classifyRefusal, DEFAULT_RETRY_AFTER } from '../../src/rules/refusal.js';
import { answerOf, isCloudflare as isBan, resetSeconds, TRACES, type TracedResponse } from '../fixtures/traces.js';

const HASH = 'abcd1234';

function bucketHeaders(remaining: number, more: Record<string, string> = {}): Record<string, string> {
  return {
    'x-ratelimit-limit': '5',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset-after': '2.5',
    'x-ratelimit-bucket': HASH,
    ...more,
  };
}

function classify(headers: Record<string, string>, body?: unknown, status = 429) {
  return classifyRefusal(parseLimits({ status, headers, body }));
}

describe('classifyRefusal', () => {
  it('ignores responses that are not refusals, and those without a status', () => {
    expect(classify(bucketHeaders(0), undefined, 200)).toBeUndefined();
    expect(classify(bucketHeaders(0), undefined, 403)).toBeUndefined();
    expect(classifyRefusal(parseLimits(bucketHeaders(0)))).toBeUndefined();
  });

  const json = { message: 'You are being rate limited.', retry_after: 1.5, global: false };
  const page = '<html>error 1015</html>';
  it.each([
    ['global by its header', { 'x-ratelimit-global': 'true' }, json, 'global'],
    ['global by its scope', { 'x-ratelimit-scope': 'global' }, undefined, 'global'],
    ['global by its body', {}, { ...json, global: true }, 'global'],
    ['shared', bucketHeaders(3, { 'x-ratelimit-scope': 'shared' }), json, 'shared'],
    ['a page without any header', { 'retry-after': '600' }, page, 'cloudflare'],
    ['no body and no header', {}, null, 'cloudflare'],
    ['no header, and a body that was not given', {}, undefined, 'cloudflare'],
    ['nothing remaining', bucketHeaders(0), json, 'bucket'],
    ['nothing remaining, and a body that was not given', bucketHeaders(0), undefined, 'bucket'],
    ['JSON without headers', {}, json, 'bucket'],
    ['the user scope without headers', { 'x-ratelimit-scope': 'user' }, undefined, 'bucket'],
    ['malformed headers', { 'x-ratelimit-limit': 'five' }, page, 'bucket'],
    ['JSON while requests remain', bucketHeaders(3), json, 'sub-limit'],
    ['JSON as text while requests remain', bucketHeaders(3), JSON.stringify(json), 'sub-limit'],
    ['no JSON while requests remain', bucketHeaders(3), page, 'hidden'],
    ['a body that was not given while requests remain', bucketHeaders(3), undefined, 'hidden'],
  ])('%s', (_, headers: Record<string, string>, body, kind) => {
    expect(classify(headers, body)?.kind).toBe(kind);
  });

  it.each([
    ['the wait in the response', bucketHeaders(0, { 'retry-after': '7' }), undefined, 7_000],
    ['the reset of the bucket when the response has no wait', bucketHeaders(0), undefined, 2_500],
    ['the default forevery other limit', bucketHeaders(3), '<html>', DEFAULT_RETRY_AFTER],
    ['the default for a bucket without headers', {}, {}, DEFAULT_RETRY_AFTER],
    ['at least 1 ms', bucketHeaders(0), { retry_after: 0 }, 1],
  ])('waits for %s', (_, headers: Record<string, string>, body, retryAfter) => {
    expect(classify(headers, body)?.retryAfter).toBe(retryAfter);
  });

  it('gives every 429 a finite wait that is no busy loop', () => {
    const headers = fc.dictionary(
      fc.constantFrom('retry-after', 'x-ratelimit-scope', 'x-ratelimit-global', ...Object.keys(bucketHeaders(0))),
      fc.oneof(fc.integer().map(String), fc.double().map(String), fc.string()),
    );
    fc.assert(
      fc.property(headers, fc.oneof(fc.anything(), fc.record({ retry_after: fc.double() })), (given, body) => {
        const retryAfter = classify(given, body)?.retryAfter ?? 0;
        expect(retryAfter).toBeGreaterThanOrEqual(1);
        expect(retryAfter).toBeLessThanOrEqual(MAX_WAIT);
      }),
    );
  });
});

function expectedKind({ scope, is_global, limit, remaining }: TracedResponse, isCloudflare: boolean): string {
  if (isCloudflare) return 'cloudflare';
  if (scope === 'global' || is_global === true) return 'global';
  if (scope === 'shared') return 'shared';
  return limit !== null && remaining !== null && remaining > 0 ? 'sub-limit' : 'bucket';
}

function expectedWait({ retry_after, reset_after }: TracedResponse, kind: string): number {
  if (retry_after !== null) return Math.round(retry_after * 1_000);
  return kind === 'bucket' && reset_after !== null ? Math.round(reset_after * 1_000) : DEFAULT_RETRY_AFTER;
}

describe('observed responses', () => {
  it.each(TRACES.map((trace, index) => [index, trace.route, trace] as const))('trace %i: %s', (_, __, trace) => {
    const isCloudflare = isBan(trace);
    for (const response of trace.responses) {
      const limits = parseLimits(answerOf(trace, response));

      expect(limits.known).toEqual(expectedLimit(response));
      expect(limits.scope ?? null).toBe(response.scope);
      const kind = response.status === 429 ? expectedKind(response, isCloudflare) : undefined;
      expect(classifyRefusal(limits)).toEqual(kind && { kind, retryAfter: expectedWait(response, kind) });
    }
  });

  it('include every kind of refusal', () => {
    const kinds = TRACES.flatMap((trace) =>
      trace.responses.filter(({ status }) => status === 429).map((response) => expectedKind(response, isBan(trace))),
    );
    expect(new Set(kinds)).toEqual(new Set(['bucket', 'sub-limit', 'shared', 'global', 'cloudflare']));
  });
});

function expectedLimit(response: TracedResponse) {
  const { bucket, limit, remaining, reset_after } = response;
  if (bucket === null || limit === null || remaining === null || reset_after === null) return undefined;
  const known = { bucket, limit, remaining, resetAfter: Math.round(reset_after * 1_000) };
  const reset = resetSeconds(response);
  return reset === null ? known : { ...known, reset: Math.round(reset * 1_000) };
}
