import type { CasePlace } from './group.js';

/** What a process is to measure, given as its only argument, as JSON. */
export interface CaseOrder {
  readonly places: readonly CasePlace[];
  readonly isSmoke?: boolean;
  /** For how long batches are measured, in ms: longer for a profile. */
  readonly time?: number;
}

/** What a process has measured: one line of JSON on its standard output for each place. */
export interface CaseResult {
  readonly place: CasePlace;
  readonly value: number;
}
