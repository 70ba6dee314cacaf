/** Counts the requests of a manager: the order in which they were asked for, and that in which they left. */
export class RequestOrder {
  #acquired = 0;
  #departed = 0;

  /** Requests that have left. */
  get departed(): number {
    return this.#departed;
  }

  /** The next place in the order of `acquire`. */
  acquire(): number {
    return this.#acquired++;
  }

  /** The next place in the order of departure. */
  depart(): number {
    return this.#departed++;
  }
}
