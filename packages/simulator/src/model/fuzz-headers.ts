type Random = () => number;
type Headers = Record<string, string>;

/** Two hashes, so that the bucket of one route changes and changes back (#7394). */
const HASHES = ['26a3f7f021e87f3ba0089624e2714cd9', 'd1240eeffb4c549bd62b579ece0ffd01'];

/** Texts that are no number, texts that a careless parser accepts as one, and numbers that no limit can have. */
const ABSURD_VALUES = [
  '',
  'NaN',
  'null',
  'undefined',
  'true',
  '[5]',
  'Infinity',
  '-Infinity',
  '-1',
  '-0',
  '0',
  '+5',
  '0x10',
  '0b11',
  '1e3',
  '1e400',
  '1e-400',
  '5e',
  '.',
  '1.2.3',
  '1,5',
  '1_000',
  '5, 5',
  '5, 7',
  '5;q=1',
  '5 requests',
  '2147483648',
  '9007199254740993',
  '102737.719',
  '9'.repeat(400),
  `0.${'0'.repeat(400)}1`,
  'a'.repeat(4_000),
  'f\u00fcnf',
  '\u00bd',
  '5\u00a0',
  'Wed, 21 Oct 2015 07:28:00 GMT',
];

/** Sets whose values are numbers, but contradict each other. */
const CONTRADICTIONS: readonly Headers[] = [
  {},
  { 'x-ratelimit-limit': '5', 'x-ratelimit-remaining': '48773' },
  { 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '0' },
  { 'x-ratelimit-limit': '0', 'x-ratelimit-remaining': '1' },
  { 'x-ratelimit-remaining': '-3' },
  { 'x-ratelimit-limit': '2.5', 'x-ratelimit-remaining': '0.5' },
  { 'x-ratelimit-reset': '1420070400.000', 'x-ratelimit-reset-after': '102737.719' },
  { 'x-ratelimit-reset': '4102444800.000', 'x-ratelimit-reset-after': '0.000' },
  { 'x-ratelimit-reset-after': '-1.000' },
  { 'x-ratelimit-remaining': '5', 'x-ratelimit-reset-after': '31536000.000' },
  { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'user' },
  { 'x-ratelimit-global': 'false', 'x-ratelimit-scope': 'planet' },
  { 'retry-after': '0', 'x-ratelimit-reset-after': '60.000' },
  { 'retry-after': '31536000', 'x-ratelimit-reset-after': '0.001' },
];

const RARE_HEADERS = ['x-ratelimit-scope', 'x-ratelimit-global', 'retry-after'];

/**
 * Rate-limit headers that no client should meet, but every client must survive: missing, empty, not a number, absurd,
 * very long, not ASCII, given twice, or contradictory. Some are left correct. HTTP can carry all of them.
 *
 * @param random - returns numbers from 0 up to but not including 1; `seededRandom` makes the result repeatable
 * @returns headers by lower-case name
 */
export function fuzzHeaders(random: Random): Record<string, string> {
  const headers: Headers = { ...plausibleHeaders(random), ...pick(random, CONTRADICTIONS) };
  for (const name of RARE_HEADERS) {
    if (random() < 0.1) headers[name] = pick(random, ABSURD_VALUES);
  }
  for (const name of Object.keys(headers)) spoil(random, headers, name);
  return headers;
}

function plausibleHeaders(random: Random): Headers {
  const limit = 1 + Math.floor(random() * 10);
  const resetAfter = random() * 5;
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(Math.floor(random() * limit)),
    'x-ratelimit-reset': (1_750_000_000 + resetAfter).toFixed(3),
    'x-ratelimit-reset-after': resetAfter.toFixed(3),
    'x-ratelimit-bucket': pick(random, HASHES),
  };
}

function spoil(random: Random, headers: Headers, name: string): void {
  const fate = random();
  if (fate < 0.15) delete headers[name];
  else if (fate < 0.4) headers[name] = pick(random, ABSURD_VALUES);
}

function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values[Math.floor(random() * values.length)] as Value;
}
