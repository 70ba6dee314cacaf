/** The part of a Fetch `Headers` that is used: names are case-insensitive, several values are joined by commas. */
export interface HeadersReader {
  get(name: string): string | null | undefined;
}

/** Headers as clients hold them: Fetch `Headers`, an object of names and values, or Node's `rawHeaders`. */
export type HeadersSource =
  | HeadersReader
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[];

/** Headers as an object of names and values. */
type NamedHeaders = Exclude<HeadersSource, HeadersReader | readonly string[]>;

/**
 * Wraps every form of headers in a reader.
 *
 * @throws TypeError when `source` is not a form of headers.
 */
export function readerOf(source: HeadersSource): HeadersReader {
  if (source === null || typeof source !== 'object') throw new TypeError('Expected headers.');
  if (isReader(source)) return source;
  return isList(source) ? new ListReader(source) : new NamedReader(source);
}

/**
 * Looks a header up in lower case, as most clients write it, and compares all names only when it is not found there.
 */
class NamedReader implements HeadersReader {
  readonly #source: NamedHeaders;
  #names: readonly string[] | undefined;

  constructor(source: NamedHeaders) {
    this.#source = source;
  }

  get(name: string): string | undefined {
    const value = Object.hasOwn(this.#source, name) ? this.#source[name] : undefined;
    return typeof value === 'string' ? value : this.#search(name);
  }

  #search(name: string): string | undefined {
    let found: string | undefined;
    this.#names ??= Object.keys(this.#source);
    for (const key of this.#names) if (isNamed(key, name)) found = joined(found, this.#source[key]);
    return found;
  }
}

/** Reads a list in which names and values alternate. */
class ListReader implements HeadersReader {
  readonly #source: readonly string[];

  constructor(source: readonly string[]) {
    this.#source = source;
  }

  get(name: string): string | undefined {
    let found: string | undefined;
    for (let index = 0; index + 1 < this.#source.length; index += 2) {
      if (isNamed(this.#source[index], name)) found = joined(found, this.#source[index + 1]);
    }
    return found;
  }
}

function isList(source: Exclude<HeadersSource, HeadersReader>): source is readonly string[] {
  return Array.isArray(source);
}

function isReader(source: HeadersSource): source is HeadersReader {
  return 'get' in source && typeof source.get === 'function';
}

/** Whether `name` is the name of `header`, which is in lower case. Comparing lengths first rules most names out. */
function isNamed(name: unknown, header: string): boolean {
  return typeof name === 'string' && name.length === header.length && name.toLowerCase() === header;
}

/** Joins several values of one header as Fetch does. */
function joined(before: string | undefined, value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(', ') : value;
  if (typeof text !== 'string' && typeof text !== 'number') return before;
  return before === undefined ? String(text) : `${before}, ${text}`;
}
