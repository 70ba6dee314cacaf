/** A header or body value that was missing, malformed or out of range, and so was ignored or corrected. */
export interface HeaderProblem {
  /** Name of the header in lower case; `retry_after` and `global` are fields of the body. */
  readonly header: string;
  /** The value as it was received, cut to 100 characters; empty when it is missing. */
  readonly value: string;
  readonly reason: string;
}
