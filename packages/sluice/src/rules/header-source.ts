/** What a Fetch `Headers` is used for here: names are not case-sensitive, several values come joined by commas. */
export interface HeadersReader {
  get(name: string): string | null | undefined;
}

/** Headers as clients hold them: Fetch `Headers`, an object of names and values, or Node's `rawHeaders`. */
export type HeadersSource =
  | HeadersReader
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[];

/**
 * Gives every form of headers one way to be asked.
 *
 * @throws TypeError when `source` is none of them.
 */
export function readerOf(source: HeadersSource): HeadersReader {
  if (source === null || typeof source !== 'object') throw new TypeError('Expected headers.');
  if (isReader(source)) return source;
  const values = new Map<string, string>();
  if (Array.isArray(source)) {
    for (let index = 0; index + 1 < source.length; index += 2) addValue(values, source[index], source[index + 1]);
  } else {
    for (const [name, value] of Object.entries(source)) addValue(values, name, value);
  }
  return values;
}

function isReader(source: HeadersSource): source is HeadersReader {
  return 'get' in source && typeof source.get === 'function';
}

/** Joins several values of one header as Fetch does. */
function addValue(values: Map<string, string>, name: unknown, value: unknown): void {
  const text = Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(', ') : value;
  if (typeof name !== 'string' || (typeof text !== 'string' && typeof text !== 'number')) return;
  const key = name.toLowerCase();
  const before = values.get(key);
  values.set(key, before === undefined ? String(text) : `${before}, ${text}`);
}
