/** What the numbers of a table count, per operation. */
export type Unit = 'ns' | 'bytes' | 'ms';

/** How much a case is to do. */
export interface Effort {
  /** How many of something to make, where `full` are meant: fewer in a smoke run. */
  size(full: number): number;
  /** For how long batches are measured, and before that warmed up, in ms. */
  readonly time: number;
  readonly warmUpTime: number;
  /** How often a run is repeated at least that cannot be a batch, unless that takes longer than `roundsTime` ms. */
  readonly rounds: number;
  readonly roundsTime: number;
}

/** One line of a table: who does what the table's title says. */
export interface Case {
  readonly who: string;
  /** Measures in a process of its own; `undefined` when `who` cannot do it, which is shown as an empty cell. */
  readonly measure: ((effort: Effort) => Promise<number>) | undefined;
}

/** What is measured under one title, to be compared. */
export interface Table {
  readonly title: string;
  readonly unit: Unit;
  /** To which case the others are put in relation; of this table unless another title is named. */
  readonly reference: { readonly table?: string; readonly who: string };
  readonly cases: readonly Case[];
}

/** Tables that are asked for by one name on the command line. */
export interface Group {
  readonly name: string;
  /** How it is measured: shown above the tables. */
  readonly about: string;
  readonly tables: readonly Table[];
}

/** Where a case stands. */
export interface CasePlace {
  readonly group: string;
  readonly table: string;
  readonly who: string;
}
