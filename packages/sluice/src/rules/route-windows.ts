import { type Observation, Window } from './window.js';

/**
 * The windows of the routes of one bucket, each as if its counter were its own. They are the evidence for whether it is
 * (`discord-api-docs#1442`; docs/theory.md, Same hash, separate counters), and for the kind of the window. A bucket has
 * them only once a second route has had a response.
 */
export class RouteWindows {
  readonly #windows: Map<string, Window>;

  /** @param first The only route that has had responses so far, and its window. */
  constructor(first: string, window: Window) {
    this.#windows = new Map([[first, window.clone()]]);
  }

  /** The window that a route's own responses describe. */
  get(route: string): Window | undefined {
    return this.#windows.get(route);
  }

  /** Whether a response proves that its route does not share a counter with the others. */
  isSeparate(observation: Observation): boolean {
    for (const [route, window] of this.#windows) {
      if (route !== observation.route && window.isContradictedBy(observation)) return true;
    }
    return false;
  }

  /** Learns from a response. @returns The window of its route. */
  observe(observation: Observation): Window {
    const window = this.#of(observation.route);
    window.observe(observation);
    return window;
  }

  #of(route: string): Window {
    const window = this.#windows.get(route) ?? new Window();
    this.#windows.set(route, window);
    return window;
  }
}
