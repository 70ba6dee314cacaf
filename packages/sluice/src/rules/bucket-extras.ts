import type { RouteWindows } from './route-windows.js';
import type { SubLimits } from './sub-limits.js';
import type { Duration, LocalInstant } from './units.js';

/** What holds for few buckets beside their window, kept apart as there are many buckets. */
export class BucketExtras {
  /** Whether answers came without any rate-limit headers, so that only the global limit holds. */
  isUnlimited = false;
  /** Until when nothing may leave. */
  heldUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** Until when requests go one at a time, as something that is not known here uses the bucket, too. */
  cautiousUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** Limits on some of the requests that no header shows. */
  subLimits: SubLimits | undefined;
  /** The windows of each route, once several have answered. */
  routes: RouteWindows | undefined;
  /**
   * Whether the routes of the bucket's hash were found to have counters of their own, so that this one is of one route
   * alone (facts part 2).
   */
  countsApart = false;
  /** How many requests had left when an answer first told such a bucket of its window. */
  informedAt = Number.POSITIVE_INFINITY;

  /** How long none of the requests may leave, whatever the window says. */
  heldFor(now: LocalInstant): Duration {
    return Math.max(0, this.heldUntil - now, this.subLimits?.waitForAny(now) ?? 0);
  }

  /** The instant after which no hold and no sub-limit matters any more. */
  get idleAt(): LocalInstant {
    return Math.max(this.heldUntil, this.subLimits?.idleAt ?? Number.NEGATIVE_INFINITY);
  }
}
