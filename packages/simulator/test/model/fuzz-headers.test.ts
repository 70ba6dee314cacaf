import { validateHeaderValue } from 'node:http';
import { expect, test } from 'vitest';
import { fuzzHeaders } from '../../src/model/fuzz-headers.js';
import { seededRandom } from '../../src/random.js';

const SETS = (() => {
  const random = seededRandom(1);
  return Array.from({ length: 5000 }, () => fuzzHeaders(random));
})();

const number = (headers: Record<string, string>, name: string) => Number(headers[`x-ratelimit-${name}`] ?? 'none');

test('can be sent', () => {
  for (const headers of SETS) {
    for (const [name, value] of Object.entries(headers)) validateHeaderValue(name, value);
    expect(JSON.stringify(headers).length).toBeLessThan(40_000);
  }
});

test('depend on the seed alone', () => {
  expect(fuzzHeaders(seededRandom(9))).toEqual(fuzzHeaders(seededRandom(9)));
});

test.each<[string, (headers: Record<string, string>) => boolean]>([
  ['a plausible set', (h) => number(h, 'limit') > number(h, 'remaining') && number(h, 'reset-after') > 0],
  ['a missing limit', (h) => h['x-ratelimit-limit'] === undefined],
  ['a missing bucket', (h) => h['x-ratelimit-bucket'] === undefined],
  ['no header at all but the bucket', (h) => Object.keys(h).join() === 'x-ratelimit-bucket'],
  ['an empty value', (h) => h['x-ratelimit-remaining'] === ''],
  ['no number', (h) => h['x-ratelimit-reset-after'] === 'NaN'],
  ['a hexadecimal number', (h) => h['x-ratelimit-limit'] === '0x10'],
  ['an exponent', (h) => h['x-ratelimit-reset-after'] === '1e400'],
  ['a negative number', (h) => number(h, 'reset-after') < 0],
  ['a huge number', (h) => number(h, 'reset') > 1e100],
  ['more remaining than the limit', (h) => number(h, 'remaining') > number(h, 'limit')],
  ['a limit of 0', (h) => number(h, 'limit') === 0],
  ['two values', (h) => h['x-ratelimit-remaining'] === '5, 7'],
  ['a very long value', (h) => (h['x-ratelimit-bucket'] ?? '').length > 1000],
  ['a value that is not ASCII', (h) => /[\u0080-\u00ff]/.test(h['x-ratelimit-limit'] ?? '')],
  ['a reset in the past', (h) => number(h, 'reset') < 1.5e9],
  ['one bucket', (h) => h['x-ratelimit-bucket']?.startsWith('26a3') === true],
  ['another bucket', (h) => h['x-ratelimit-bucket']?.startsWith('d124') === true],
  ['an absurd Retry-After', (h) => h['retry-after'] === '-1'],
  ['an unknown scope', (h) => h['x-ratelimit-scope'] === 'planet'],
])('include %s', (_name, fits) => {
  expect(SETS.some(fits)).toBe(true);
});
