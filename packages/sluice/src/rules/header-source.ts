/** What a Fetch `Headers` is used for here: names are not case-sensitive, several values come joined by commas. */
export interface HeadersReader {
  get(name: string): string | null | undefined;
}

/** Headers as clients hold them: Fetch `Headers`, an object of names and values, or Node's `rawHeaders`. */
export type HeadersSource =
  | HeadersReader
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[];

/** Headers by their names. */
type NamedHeaders = Exclude<HeadersSource, HeadersReader | readonly string[]>;

/**
 * Gives every form of headers one way to be asked.
 *
 * @throws TypeError when `source` is none of them.
 */
export function readerOf(source: HeadersSource): HeadersReader {
  if (source === null || typeof source !== 'object') throw new TypeError('Expected headers.');
  if (isReader(source)) return source;
  return isList(source) ? new ListReader(source) : new NamedReader(source);
}

/** Takes a value from where most clients put it, in lower case; only for one that is not there, it looks at all names. */
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

/** Reads names and values by turns. */
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

/** Whether a name is that of a header, which is given in lower case. Most differ in length. */
function isNamed(name: unknown, header: string): boolean {
  return typeof name === 'string' && name.length === header.length && name.toLowerCase() === header;
}

/** Joins several values of one header as Fetch does. */
function joined(before: string | undefined, value: unknown): string | undefined {
  const text = Array.isArray(value) ? value.filter((item) => typeof item === 'string').join(', ') : value;
  if (typeof text !== 'string' && typeof text !== 'number') return before;
  return before === undefined ? String(text) : `${before}, ${text}`;
}
