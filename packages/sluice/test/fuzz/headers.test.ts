import { seededRandom } from '@sluice/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isBucketHash,
  type LimitsSource,
  MAX_WAIT,
  parseLimits,
  type RateLimitHeaders,
  type ResponseLimits,
} from '../../src/rules/headers.js';
import { classifyRefusal, type Refusal } from '../../src/rules/refusal.js';
import { arbitraryAnswer, fuzzAnswer } from './answers.js';

/** Cases per seed: many, so that fast-check's own work is small in comparison. */
const CASES_PER_SEED = 200;

const seed = fc.integer({ min: 0, max: 0xffff_ffff });

/** Plain comparisons, because hundreds of thousands of expectations take seconds. */
function check(holds: boolean, what: string, ...values: unknown[]): void {
  if (!holds) expect.fail(`${what}: ${values.map(String).join(', ')}`);
}

function isWait(value: number): boolean {
  return value >= 0 && value <= MAX_WAIT;
}

function checkKnown({ bucket, limit, remaining, resetAfter, reset }: RateLimitHeaders): void {
  check(isBucketHash(bucket), 'bucket', bucket);
  check(Number.isSafeInteger(limit) && limit >= 1, 'limit', limit);
  check(Number.isSafeInteger(remaining) && remaining >= 0 && remaining <= limit, 'remaining', remaining, limit);
  check(isWait(resetAfter) && !Object.is(resetAfter, -0), 'resetAfter', resetAfter);
  check(reset === undefined || (reset > 0 && reset <= 8.64e15), 'reset', reset);
}

function checkLimits({ known, retryAfter, errorCode, scope, problems }: ResponseLimits): void {
  if (known) checkKnown(known);
  check(retryAfter === undefined || isWait(retryAfter), 'retryAfter', retryAfter);
  check(errorCode === undefined || (Number.isFinite(errorCode) && errorCode >= 0), 'errorCode', errorCode);
  check([undefined, 'user', 'global', 'shared'].includes(scope), 'scope', scope);
  for (const { header, value, reason } of problems) {
    check(header !== '' && value.length <= 100 && reason !== '', 'problem', header, value, reason);
  }
}

function checkRefusal(limits: ResponseLimits, refusal: Refusal | undefined): void {
  check((refusal !== undefined) === (limits.status === 429), 'is refused', limits.status);
  if (refusal) check(refusal.retryAfter >= 1 && refusal.retryAfter <= MAX_WAIT, 'wait', refusal.retryAfter);
}

function checkCase(source: LimitsSource): { limits: ResponseLimits; refusal: Refusal | undefined } {
  const limits = parseLimits(source);
  const refusal = classifyRefusal(limits);
  checkLimits(limits);
  checkRefusal(limits, refusal);
  return { limits, refusal };
}

describe('any headers and bodies', () => {
  it('give sane limits and waits: 100,000 malformed answers', () => {
    const seen = new Set<string>();
    let cases = 0;
    const play = (start: number) => {
      const random = seededRandom(start);
      for (let count = 0; count < CASES_PER_SEED; count++) {
        const { limits, refusal } = checkCase(fuzzAnswer(random));
        seen.add(limits.known ? 'known' : 'unknown').add(limits.problems.length > 0 ? 'problems' : 'none');
        if (refusal) seen.add(refusal.kind);
        cases++;
      }
    };
    fc.assert(fc.property(seed, play), { numRuns: 500 });
    expect(cases).toBe(100_000);
    // The answers are neither all useless nor all fine.
    const kinds = ['global', 'cloudflare', 'shared', 'bucket', 'sub-limit', 'hidden'];
    expect([...seen].sort()).toEqual(['known', 'unknown', 'problems', 'none', ...kinds].sort());
  });

  it('give sane limits and waits: 20,000 answers of arbitrary values', () => {
    fc.assert(
      fc.property(arbitraryAnswer, (answer) => void checkCase(answer)),
      { numRuns: 20_000 },
    );
  });

  it('are read in the same way, bare or as part of a response', () => {
    const property = fc.property(arbitraryAnswer, ({ headers }) => {
      const { known, hasLimitHeaders } = checkCase({ status: 200, headers }).limits;
      expect(checkCase(headers).limits).toMatchObject({ status: undefined, known, hasLimitHeaders });
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  it('that a caller has parsed give sane limits, too', () => {
    const parsed = fc.record(
      { bucket: fc.string(), limit: fc.double(), remaining: fc.double(), resetAfter: fc.double(), reset: fc.double() },
      { requiredKeys: ['bucket', 'limit', 'remaining', 'resetAfter'] },
    );
    fc.assert(
      fc.property(parsed, (headers) => void checkCase(headers)),
      { numRuns: 10_000 },
    );
  });

  it('give no error code that is infinite, negative or not a number', () => {
    for (const text of ['1e400', '-1e400', '-1']) {
      expect(checkCase({ status: 404, headers: {}, body: `{"code":${text}}` }).limits.errorCode).toBeUndefined();
    }
  });
});
