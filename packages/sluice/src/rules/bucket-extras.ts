import type { RouteWindows } from './route-windows.js';
import type { SubLimits } from './sub-limits.js';
import type { Duration, LocalInstant } from './units.js';

/** State that few buckets need besides their window, allocated on demand because a process has many buckets. */
export class BucketExtras {
  /** Whether responses carried no rate-limit headers, so that only the global limit applies. */
  isUnlimited = false;
  /** Until when no request may be sent. */
  heldUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** Until when requests are sent one at a time, because another client uses the bucket as well. */
  cautiousUntil: LocalInstant = Number.NEGATIVE_INFINITY;
  /** Limits that no header shows. */
  subLimits: SubLimits | undefined;
  /** The window of each route, once several routes have had responses. */
  routes: RouteWindows | undefined;
  /** Whether the bucket belongs to one route alone (docs/theory.md, Same hash, separate counters). */
  countsApart = false;
  /** How many requests had been sent when a response first described the window of such a bucket. */
  informedSince = Number.POSITIVE_INFINITY;

  /** How long no request may be sent, whatever the window says; `Infinity` when that takes a response. */
  heldFor(now: LocalInstant): Duration {
    return Math.max(0, this.heldUntil - now, this.subLimits?.waitForAny(now) ?? 0);
  }

  /** The instant at which all holds and sub-limits are over. */
  get idleAt(): LocalInstant {
    return Math.max(this.heldUntil, this.subLimits?.idleAt ?? Number.NEGATIVE_INFINITY);
  }
}
