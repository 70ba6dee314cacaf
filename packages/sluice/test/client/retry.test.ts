import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HTTPErrorCode } from '../../src/client/errors.js';
import { type FailedAttempt, type RetryRules, retryDelay } from '../../src/client/retry.js';

const RULES: RetryRules = { retries: 3, hasRepeatableBody: true, repeatPost: false, longestWait: 300_000 };

function delay(failed: Partial<FailedAttempt>, rules: Partial<RetryRules> = {}, random = 0.5): number | undefined {
  const attempt: FailedAttempt = { attempt: 0, method: 'GET', failure: 'SERVER_ERROR', ...failed };
  return retryDelay(attempt, { ...RULES, ...rules }, () => random);
}

describe('retryDelay', () => {
  it('backs off exponentially with full jitter, up to 8 s', () => {
    const rules = { retries: 10 };
    expect([0, 1, 2, 3, 4, 5, 6].map((attempt) => delay({ attempt }, rules))).toEqual([
      125, 250, 500, 1_000, 2_000, 4_000, 4_000,
    ]);
    expect(delay({}, {}, 0)).toBe(0);
  });

  it('gives up after the last retry', () => {
    expect(delay({ attempt: 2 })).toBe(500);
    expect(delay({ attempt: 3 })).toBeUndefined();
    expect(delay({}, { retries: 0 })).toBeUndefined();
  });

  it.each<HTTPErrorCode>(['SERVER_ERROR', 'LOST', 'TIMEOUT'])('never repeats a POST after %s', (failure) => {
    expect(delay({ method: 'POST', failure })).toBeUndefined();
    expect(delay({ method: 'PROPFIND', failure })).toBeUndefined();
    expect(delay({ method: 'POST', failure }, { repeatPost: true })).toBe(125);
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) expect(delay({ method, failure })).toBe(125);
  });

  it('repeats a POST that was never sent', () => {
    expect(delay({ method: 'POST', failure: 'UNSENT' })).toBe(125);
  });

  it('never sends a stream again, nor a request whose response is malformed JSON', () => {
    expect(delay({ failure: 'UNSENT' }, { hasRepeatableBody: false })).toBeUndefined();
    expect(delay({ failure: 'MALFORMED' })).toBeUndefined();
  });

  it('waits as long as the server asks, but not forever', () => {
    expect(delay({ retryAfter: 5_000 })).toBe(5_000);
    expect(delay({ retryAfter: 1 })).toBe(125);
    expect(delay({ retryAfter: 300_001 })).toBeUndefined();
  });

  it('always gives a finite wait within its bounds, or gives up', () => {
    fc.assert(
      fc.property(
        fc.nat(2_000),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.nat(400_000), { nil: undefined }),
        (attempt, random, retryAfter) => {
          const wait = delay({ attempt, retryAfter }, { retries: Number.POSITIVE_INFINITY }, random);
          if (retryAfter !== undefined && retryAfter > 300_000) expect(wait).toBeUndefined();
          else expect(wait).toBeLessThanOrEqual(Math.max(8_000, retryAfter ?? 0));
        },
      ),
    );
  });
});
