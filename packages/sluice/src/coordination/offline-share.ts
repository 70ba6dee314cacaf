import { GlobalLimit } from '../rules/global-limit.js';
import type { Duration } from '../rules/units.js';

/**
 * The part of a window that one of several processes uses while they cannot reach the store: some slots, each usable
 * again one period after the response to its last use. If the limit is smaller than the number of processes, each
 * process has one slot and a longer period, so that all together keep the limit on average.
 */
export class OfflineShare extends GlobalLimit {
  constructor(limit: number, period: Duration, processes: number) {
    super(Math.max(1, Math.floor(limit / processes)), period * Math.max(1, Math.ceil(processes / limit)));
  }
}
