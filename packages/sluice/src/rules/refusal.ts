import type { ResponseLimits } from './headers.js';
import type { Duration } from './units.js';

/**
 * Which limit refused a request (facts parts 1, 4 and 5):
 * - `global`: the authentication's requests per second;
 * - `cloudflare`: the IP address is banned, whatever the route or token;
 * - `shared`: a resource's limit, which others use too;
 * - `bucket`: the route's own bucket;
 * - `sub-limit`: a limit on fields of the body, while the bucket has requests left;
 * - `hidden`: a limit no header tells of, while the bucket has requests left.
 */
export type RefusalKind = 'global' | 'cloudflare' | 'shared' | 'bucket' | 'sub-limit' | 'hidden';

/** A request that was refused, and for how long. */
export interface Refusal {
  readonly kind: RefusalKind;
  /** How long to wait, in ms; at least 1. */
  readonly retryAfter: Duration;
}

/** The wait after a refusal that names none, in ms. */
export const DEFAULT_RETRY_AFTER: Duration = 1_000;

/** The shortest wait after a refusal, in ms: a server that asks for none must not cause a busy loop. */
const SHORTEST_RETRY_AFTER: Duration = 1;

/** Tells which limit refused a request; `undefined` when the status is not 429. */
export function classifyRefusal(limits: ResponseLimits): Refusal | undefined {
  if (limits.status !== 429) return undefined;
  const kind = refusalKind(limits);
  return { kind, retryAfter: Math.max(SHORTEST_RETRY_AFTER, waitAfter(kind, limits)) };
}

function refusalKind(limits: ResponseLimits): RefusalKind {
  if (limits.isGlobal) return 'global';
  if (limits.scope === 'shared') return 'shared';
  if (isCloudflare(limits)) return 'cloudflare';
  // Headers may be absent from a 429 (#1808): it is the bucket's unless they contradict that.
  if (limits.known === undefined || limits.known.remaining === 0) return 'bucket';
  // A body that was not given proves no sub-limit; a hidden limit holds the whole bucket, which is safe.
  return limits.hasJSONBody === true ? 'sub-limit' : 'hidden';
}

/** Discord always sends JSON or a rate-limit header; an answer without either never reached it (facts part 1). */
function isCloudflare({ hasJSONBody, hasLimitHeaders, scope }: ResponseLimits): boolean {
  return hasJSONBody !== true && !hasLimitHeaders && scope === undefined;
}

function waitAfter(kind: RefusalKind, { retryAfter, known }: ResponseLimits): Duration {
  return retryAfter ?? (kind === 'bucket' ? known?.resetAfter : undefined) ?? DEFAULT_RETRY_AFTER;
}
