/** How often the routes of one hash may be joined again. After that they stay joined. */
const MOST_JOINS = 3;

/** The state of a {@link Grouping} as plain values. */
export interface GroupingKnowledge {
  /** Whether each route has a counter of its own. */
  readonly isSplit: boolean;
  /** How often the routes were joined again. */
  readonly joins: number;
}

/**
 * Whether the routes of one bucket hash share one counter (docs/theory.md, Same hash, separate counters). They start
 * joined, are split on evidence and joined again on evidence. In the end they stay joined, which is the stricter state.
 */
export class Grouping {
  #isSplit = false;
  #joins = 0;

  /** Whether each route has a counter of its own. */
  get isSplit(): boolean {
    return this.#isSplit;
  }

  /** Restores a grouping. */
  static from({ isSplit, joins }: GroupingKnowledge): Grouping {
    const grouping = new Grouping();
    grouping.#isSplit = isSplit;
    grouping.#joins = joins;
    return grouping;
  }

  /** The state as plain values. */
  get knowledge(): GroupingKnowledge {
    return { isSplit: this.#isSplit, joins: this.#joins };
  }

  /** Splits the routes, because a response proved that its route has a counter of its own. @returns Whether it did. */
  split(): boolean {
    if (this.#isSplit || this.#joins >= MOST_JOINS) return false;
    this.#isSplit = true;
    return true;
  }

  /** Joins the routes, because a refusal came that the route's own count did not predict. @returns Whether it did. */
  join(): boolean {
    if (!this.#isSplit) return false;
    this.#isSplit = false;
    this.#joins++;
    return true;
  }
}
