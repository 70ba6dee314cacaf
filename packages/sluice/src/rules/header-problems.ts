/** A header or body value that was missing, malformed or out of range, and so was ignored or corrected. */
export interface HeaderProblem {
  /** Name of the header in lower case; `retry_after` and `global` are fields of the body. */
  readonly header: string;
  /** The value as it was received, cut to 100 characters; empty when it is missing. */
  readonly value: string;
  readonly reason: string;
}

/** How many characters of a value a problem quotes. */
const LONGEST_QUOTE = 100;

const NO_PROBLEMS: readonly HeaderProblem[] = Object.freeze([]);

/** Collects the problems of one response. Allocates nothing for a response without problems. */
export class HeaderProblems {
  #found: HeaderProblem[] | undefined;

  get found(): readonly HeaderProblem[] {
    return this.#found ?? NO_PROBLEMS;
  }

  add(header: string, value: string, reason: string): void {
    this.#found ??= [];
    this.#found.push({ header, value: value.slice(0, LONGEST_QUOTE), reason });
  }

  /** Adds the problem of a field that is missing, or whose value cannot be used as it is. */
  reject(field: { readonly header: string; readonly given: string | number | undefined }, reason: string): undefined {
    if (field.given === undefined) this.add(field.header, '', 'is missing');
    else this.add(field.header, String(field.given), reason);
  }
}
