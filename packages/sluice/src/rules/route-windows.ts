import { type Observation, Window } from './window.js';

/**
 * The windows of the routes of one bucket, each as if its counter were its own: the evidence for whether it is
 * (facts part 2, #1442), and for its kind. Kept only once a second route has answered.
 */
export class RouteWindows {
  readonly #windows: Map<string, Window>;

  /** @param first The route that alone has answered till now, and its window. */
  constructor(first: string, window: Window) {
    this.#windows = new Map([[first, window.clone()]]);
  }

  /** What a route's own answers told. */
  get(route: string): Window | undefined {
    return this.#windows.get(route);
  }

  /** Whether an answer proves that its route does not count together with the others. */
  isSeparate(observation: Observation): boolean {
    for (const [route, window] of this.#windows) {
      if (route !== observation.route && window.isContradictedBy(observation)) return true;
    }
    return false;
  }

  /** Learns from an answer; returns the window of its route. */
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
