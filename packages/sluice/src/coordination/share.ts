import { GlobalLimit } from '../rules/global-limit.js';
import type { Duration, LocalInstant } from '../rules/units.js';

/**
 * What one of several processes that cannot hear of each other may use of a window: so many slots, each again one period
 * after the answer to its last use. Of a window that has fewer requests than there are processes, each uses one every
 * few periods, so that all together keep the limit on average.
 */
export class Share extends GlobalLimit {
  constructor(limit: number, period: Duration, processes: number) {
    super(sizeOf(limit, processes), period * periodsOf(limit, processes));
  }

  /** This share, or the one that takes its place when more is known of the window: with the same requests in it. */
  fittedTo(limit: number, period: Duration, processes: number, now: LocalInstant): Share {
    const isFit = this.limit === sizeOf(limit, processes) && this.period === period * periodsOf(limit, processes);
    if (isFit) return this;
    const share = new Share(limit, period, processes);
    // Those under way stand last in the list.
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
