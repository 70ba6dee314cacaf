import type { HeaderProblem } from './header-problem.js';

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
