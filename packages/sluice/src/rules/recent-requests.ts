import type { AdmittedRequest } from './sub-limits.js';
import type { LocalInstant } from './units.js';

/** How many requests of an authentication are remembered. */
const MOST_REQUESTS = 4_096;

/** An entry of the ring buffer. Entries are reused, because every response fills one. */
interface Entry {
  route: string;
  majorKey: string;
  fields: readonly string[];
  sentAt: LocalInstant;
  receivedAt: LocalInstant;
}

/**
 * The latest admitted requests of one authentication. When a limit that no header shows refuses a request, they show
 * how many it admitted before. A ring buffer, so that memory stays bounded.
 */
export class RecentRequests {
  readonly #ring: Entry[] = [];
  #next = 0;

  /** @param majorKey The key of the major parameters (`CompiledRoute.majorParamHash`). */
  add(
    route: string,
    majorKey: string,
    fields: readonly string[],
    sentAt: LocalInstant,
    receivedAt: LocalInstant,
  ): void {
    const entry = this.#ring[this.#next];
    if (entry === undefined) {
      this.#ring.push({ route, majorKey, fields, sentAt, receivedAt });
    } else {
      entry.route = route;
      entry.majorKey = majorKey;
      entry.fields = fields;
      entry.sentAt = sentAt;
      entry.receivedAt = receivedAt;
    }
    this.#next = (this.#next + 1) % MOST_REQUESTS;
  }

  /** The requests of one route with these major parameters, oldest first. */
  of(route: string, majorKey: string): AdmittedRequest[] {
    return this.#ring
      .filter((request) => request.route === route && request.majorKey === majorKey)
      .map(({ fields, sentAt, receivedAt }) => ({ fields, sentAt, receivedAt }))
      .sort((a, b) => a.sentAt - b.sentAt);
  }
}
