/** The unit of a table's numbers, per operation. */
export type Unit = 'ns' | 'bytes' | 'ms';

/** The effort of a case. */
export interface Effort {
  /** The number of objects to make where `full` are meant: fewer in a smoke run. */
  size(full: number): number;
  /** The time for which batches are measured, and before that warmed up, in ms. */
  readonly time: number;
  readonly warmUpTime: number;
  /** The least number of repetitions of a run that cannot be a batch, unless they take longer than `roundsTime` ms. */
  readonly rounds: number;
  readonly roundsTime: number;
}

/** One line of a table: the contender `who`, doing what the table's title says. */
export interface Case {
  readonly who: string;
  /** Measures in its own process; `undefined` when `who` cannot do it, which shows as an empty cell. */
  readonly measure: ((effort: Effort) => Promise<number>) | undefined;
}

/** Measurements under one title, to be compared. */
export interface Table {
  readonly title: string;
  readonly unit: Unit;
  /** The case that the others are compared with; of this table unless another title is named. */
  readonly reference: { readonly table?: string; readonly who: string };
  readonly cases: readonly Case[];
}

/** Tables with one common name on the command line. */
export interface Group {
  readonly name: string;
  /** The method of measuring: shown above the tables. */
  readonly about: string;
  readonly tables: readonly Table[];
}

/** The address of a case. */
export interface CasePlace {
  readonly group: string;
  readonly table: string;
  readonly who: string;
}
