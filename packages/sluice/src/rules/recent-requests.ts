import type { AdmittedRequest } from './sub-limits.js';
import type { LocalInstant } from './units.js';

/** How many requests of an authentication are remembered. */
const MOST_REQUESTS = 4_096;

/** A place in the ring, which is used again and again, as one is filled with every answer. */
interface Remembered {
  route: string;
  majors: string;
  fields: readonly string[];
  sentAt: LocalInstant;
  receivedAt: LocalInstant;
}

/**
 * The latest requests of an authentication that were admitted: when a limit that no header shows refuses one, they tell
 * how many it admitted before. A ring, so that its memory is bounded whatever is sent.
 */
export class RecentRequests {
  readonly #ring: Remembered[] = [];
  #next = 0;

  /** @param majors The hash of the major parameters. */
  add(route: string, majors: string, fields: readonly string[], sentAt: LocalInstant, receivedAt: LocalInstant): void {
    const place = this.#ring[this.#next];
    if (place === undefined) {
      this.#ring.push({ route, majors, fields, sentAt, receivedAt });
    } else {
      place.route = route;
      place.majors = majors;
      place.fields = fields;
      place.sentAt = sentAt;
      place.receivedAt = receivedAt;
    }
    this.#next = (this.#next + 1) % MOST_REQUESTS;
  }

  /** Those of one route and its major parameters, oldest first. */
  of(route: string, majors: string): AdmittedRequest[] {
    return this.#ring
      .filter((request) => request.route === route && request.majors === majors)
      .map(({ fields, sentAt, receivedAt }) => ({ fields, sentAt, receivedAt }))
      .sort((a, b) => a.sentAt - b.sentAt);
  }
}
