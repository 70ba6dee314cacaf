import type { Timer } from '../clock/clock.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Refusal } from '../rules/refusal.js';
import type { SubLimit } from '../rules/sub-limits.js';
import type { LocalInstant } from '../rules/units.js';
import type { Exclusion } from './exclusion.js';

/** The parts of a request that outlast a retry. */
export interface RequestDescription {
  readonly route: CompiledRoute;
  readonly priority: number;
  /** The order of acquire over all buckets; a refused request keeps it when it comes again. */
  readonly sequence: number;
  readonly exclusion: Exclusion;
  /** Whether the global limit does not count it. */
  readonly isExempt: boolean;
  /** The top-level fields of its body, some of which may have limits of their own. */
  readonly fields: readonly string[];
}

export const NO_SUB_LIMITS: readonly SubLimit[] = [];

/** The properties that few requests need. */
export class RequestExtras {
  signal: AbortSignal | undefined;
  /** The instant before which the request may not leave, whatever the limits say. */
  notBefore: LocalInstant = 0;
  /** Set while the request waits beside the queue. */
  parkTimer: Timer | undefined;
  /** What the server asked for when it refused the request. */
  refusal: Refusal | undefined;
  /** The end of the time for which an abandoned request still counts. */
  graceTimer: Timer | undefined;
  /** The limits on single fields in which the request counts. */
  subLimits = NO_SUB_LIMITS;
}
