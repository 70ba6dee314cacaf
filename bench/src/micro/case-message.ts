import type { CasePlace } from './group.js';

/** The task of a measuring process: its only argument, as JSON. */
export interface CaseOrder {
  readonly places: readonly CasePlace[];
  readonly isSmoke?: boolean;
  /** The time for which batches are measured, in ms: longer for a profile. */
  readonly time?: number;
}

/** The results of a process: one line of JSON on its standard output for each place. */
export interface CaseResult {
  readonly place: CasePlace;
  readonly value: number;
}
