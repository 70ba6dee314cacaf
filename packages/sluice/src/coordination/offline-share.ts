import { GlobalLimit } from '../rules/global-limit.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/**
 * The part of a window that one of several processes uses while they cannot reach the store: some slots, each usable
 * again one period after the response to its last use. If the limit is smaller than the number of processes, each
 * process has one slot and a longer period, so that all together keep the limit on average.
 */
export class OfflineShare extends GlobalLimit {
  constructor(limit: number, period: Duration, processes: number) {
    super(sizeOf(limit, processes), period * periodsOf(limit, processes));
  }

  /** This part, or one of another size with the same requests in it, once responses have shown more of the window. */
  fittedTo(limit: number, period: Duration, processes: number, now: LocalInstant): OfflineShare {
    const isFit = this.limit === sizeOf(limit, processes) && this.period === period * periodsOf(limit, processes);
    if (isFit) return this;
    const share = new OfflineShare(limit, period, processes);
    // The requests in flight stand last in the list.
    const ends = this.ends(now, now);
    share.restore(ends.slice(0, ends.length - this.inFlight));
    for (let count = this.inFlight; count > 0; count--) share.take();
    return share;
  }
}

function sizeOf(limit: number, processes: number): number {
  return Math.max(1, Math.floor(limit / processes));
}

function periodsOf(limit: number, processes: number): number {
  return Math.max(1, Math.ceil(processes / limit));
}
