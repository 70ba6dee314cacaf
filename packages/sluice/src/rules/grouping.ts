/** How often the routes of one hash may be taken for one counter again after they were taken for several. */
const MOST_JOINS = 3;

/** What is known of whether routes count together, to be continued elsewhere. */
export interface GroupingKnowledge {
  readonly isSplit: boolean;
  readonly joins: number;
}

/**
 * Whether the routes of one bucket hash count together (facts part 2). They start as one, are split on evidence, and
 * joined again on evidence; in the end they stay joined, as that is the stricter of the two.
 */
export class Grouping {
  #isSplit = false;
  #joins = 0;

  /** Whether each route has a counter of its own. */
  get isSplit(): boolean {
    return this.#isSplit;
  }

  /** Continues from what another one knew. */
  static from({ isSplit, joins }: GroupingKnowledge): Grouping {
    const sharing = new Grouping();
    sharing.#isSplit = isSplit;
    sharing.#joins = joins;
    return sharing;
  }

  /** All that is known, as plain values. */
  get knowledge(): GroupingKnowledge {
    return { isSplit: this.#isSplit, joins: this.#joins };
  }

  /** An answer proved that its route counts apart. @returns Whether that changes anything. */
  split(): boolean {
    if (this.#isSplit || this.#joins >= MOST_JOINS) return false;
    this.#isSplit = true;
    return true;
  }

  /** A refusal that a route's own count did not foresee. @returns Whether that changes anything. */
  join(): boolean {
    if (!this.#isSplit) return false;
    this.#isSplit = false;
    this.#joins++;
    return true;
  }
}
