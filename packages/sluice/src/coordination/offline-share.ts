import { GlobalLimit } from '../rules/global-limit.js';
import type { Duration } from '../rules/units.js';

/**
 * What one of several processes that cannot hear of each other may use of a window: so many slots, each again one
 * period after the answer to its last use. Of a window that has fewer requests than there are processes, each uses one
 * every few periods, so that all together keep the limit on average.
 */
export class OfflineShare extends GlobalLimit {
  constructor(limit: number, period: Duration, processes: number) {
    super(Math.max(1, Math.floor(limit / processes)), period * Math.max(1, Math.ceil(processes / limit)));
  }
}
