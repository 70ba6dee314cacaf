import { fuzzHeaders } from '@sluice/simulator';
import fc from 'fast-check';
import type { ResponseSource } from '../../src/rules/headers.js';

type Random = () => number;

const STATUSES = [200, 204, 404, 429, 500];

/** Waits as bodies give them: true ones, absurd ones, and values that are no numbers. */
const BODY_WAITS: readonly unknown[] = [
  0.661,
  0,
  -0,
  -1,
  65,
  5e-324,
  102_737.719,
  31_536_000,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '1.5',
  null,
  [],
  {},
  true,
  10n,
];

const CODES: readonly unknown[] = [0, 10015, 50035, '50035', null, []];

/** Bodies that are not those of a refusal: any JSON, a gateway's page, a truncated text, or none. */
const OTHER_BODIES: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  '<!DOCTYPE html><html><body>Access denied</body></html>',
  '{"retry_after":1.5,"global":',
  'null',
  'true',
  '17',
  '"text"',
  '[]',
  '{}',
  [],
  [1],
  {},
  '{"retry_after":1e400}',
  '{"retry_after":-1e400,"global":"true"}',
  '{"__proto__":{"retry_after":1,"global":true}}',
  '['.repeat(10_000),
];

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)] as Value;
}

function fuzzBody(random: Random): unknown {
  if (random() < 0.5) return pick(random, OTHER_BODIES);
  const body = { retry_after: pick(random, BODY_WAITS), global: random() < 0.1, code: pick(random, CODES) };
  return random() < 0.5 && typeof body.retry_after !== 'bigint' ? JSON.stringify(body) : body;
}

/** The headers in one of the forms that clients use. */
function inSomeForm(random: Random, headers: Record<string, string>): ResponseSource['headers'] {
  const form = random();
  if (form < 0.4) return headers;
  if (form < 0.7) return Object.entries(headers).flat();
  if (form < 0.8) return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value, value]]));
  return fetchHeaders(headers);
}

/** The text that a client would have: each byte of the wire is one character. */
function fetchHeaders(headers: Record<string, string>): Headers {
  return new Headers(Object.entries(headers).map(([name, value]) => [name, value]));
}

function fuzzedHeaders(random: Random): Record<string, string> {
  const headers = random() < 0.05 ? {} : fuzzHeaders(random);
  if (random() < 0.1) headers['x-ratelimit-scope'] = pick(random, ['user', 'global', 'shared', ' Shared ']);
  return headers;
}

/** An answer with any status, headers and body, which agree only by chance. */
export function fuzzAnswer(random: Random): ResponseSource {
  return {
    status: pick(random, STATUSES),
    headers: inSomeForm(random, fuzzedHeaders(random)),
    body: fuzzBody(random),
  };
}

const HEADER_NAMES = [
  'X-RateLimit-Limit',
  'x-ratelimit-remaining',
  'X-RATELIMIT-RESET',
  'x-ratelimit-reset-after',
  'X-RateLimit-Bucket',
  'x-ratelimit-global',
  'x-ratelimit-scope',
  'Retry-After',
  'Date',
  'get',
  '__proto__',
  'constructor',
];

const HTTP_DATES = fc
  .date({ min: new Date(0), max: new Date(8.64e15), noInvalidDate: true })
  .map((date) => date.toUTCString());

const headerName = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...HEADER_NAMES) }, fc.string());

const headerText = fc.oneof(
  fc.nat(10).map(String),
  fc.double().map(String),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.constantFrom('user', 'global', 'shared', 'true', 'abcd', 'abcd', '1, 1', '-0.0004', '2678400', '2678400.001'),
  HTTP_DATES,
  fc.string({ unit: 'binary' }),
);

const headerValue = fc.oneof(
  { weight: 6, arbitrary: headerText },
  fc.array(headerText, { maxLength: 3 }),
  fc.anything(),
);

/** Any value that a caller in plain JavaScript could pass as headers. */
const headers = fc.oneof(
  fc.dictionary(headerName, headerValue, { maxKeys: 12 }),
  fc.array(fc.oneof(headerName, headerValue), { maxLength: 24 }),
  fc.array(fc.tuple(headerName, headerText), { maxLength: 12 }).map((pairs) => pairs.flat()),
  fc.dictionary(headerName, headerValue).map((values) => ({ get: (name: string) => values[name] })),
) as fc.Arbitrary<ResponseSource['headers']>;

const body = fc.oneof(
  fc.anything(),
  fc.json(),
  fc.string(),
  fc.record({ retry_after: fc.oneof(fc.double(), fc.anything()), global: fc.anything(), code: fc.integer({ min: 0 }) }),
);

/** An answer of arbitrary values that no HTTP message could carry. */
export const arbitraryAnswer: fc.Arbitrary<ResponseSource> = fc.record({
  status: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...STATUSES) }, fc.integer(), fc.double()),
  headers,
  body,
});
