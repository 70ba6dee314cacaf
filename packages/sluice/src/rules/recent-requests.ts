import type { AdmittedRequest } from './sub-limits.js';

/** How many requests of an authentication are remembered. */
const MOST_REQUESTS = 4_096;

interface Remembered extends AdmittedRequest {
  readonly route: string;
  readonly majors: string;
}

/**
 * The latest requests of an authentication that were admitted: when a limit that no header shows refuses one, they tell
 * how many it admitted before. A ring, so that its memory is bounded whatever is sent.
 */
export class RecentRequests {
  readonly #ring: Remembered[] = [];
  #next = 0;

  /** @param majors The hash of the major parameters. */
  add(route: string, majors: string, { fields, sentAt, receivedAt }: AdmittedRequest): void {
    this.#ring[this.#next] = { route, majors, fields, sentAt, receivedAt };
    this.#next = (this.#next + 1) % MOST_REQUESTS;
  }

  /** Those of one route and its major parameters, oldest first. */
  of(route: string, majors: string): AdmittedRequest[] {
    return this.#ring
      .filter((request) => request.route === route && request.majors === majors)
      .sort((a, b) => a.sentAt - b.sentAt);
  }
}
