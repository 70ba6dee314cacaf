import type { ResponseLimits } from './headers.js';
import type { Duration } from './units.js';

/**
 * Which limit refused a request (docs/theory.md, Refusals):
 * - `global`: the authentication's limit on requests per second;
 * - `cloudflare`: a ban of the IP address, whatever the route or token;
 * - `shared`: the limit of a resource that others use as well;
 * - `bucket`: the limit of the route's bucket;
 * - `sub-limit`: a limit on fields of the body, although the bucket has requests left;
 * - `hidden`: a limit that no header shows, although the bucket has requests left.
 */
export type RefusalKind = 'global' | 'cloudflare' | 'shared' | 'bucket' | 'sub-limit' | 'hidden';

/** Why a request was refused, and for how long. */
export interface Refusal {
  readonly kind: RefusalKind;
  /** How long to wait, in ms; at least 1. */
  readonly retryAfter: Duration;
}

/** The wait after a refusal that does not say how long, in ms. */
export const DEFAULT_RETRY_AFTER: Duration = 1_000;

/** The shortest wait after a refusal, in ms. It prevents a busy loop when the server asks for no wait at all. */
const SHORTEST_RETRY_AFTER: Duration = 1;

/** Finds out which limit refused a request; `undefined` when the status is not 429. */
export function classifyRefusal(limits: ResponseLimits): Refusal | undefined {
  if (limits.status !== 429) return undefined;
  const kind = refusalKind(limits);
  return { kind, retryAfter: Math.max(SHORTEST_RETRY_AFTER, waitAfter(kind, limits)) };
}

function refusalKind(limits: ResponseLimits): RefusalKind {
  if (limits.isGlobal) return 'global';
  if (limits.scope === 'shared') return 'shared';
  if (isCloudflare(limits)) return 'cloudflare';
  // A 429 may come without headers (`discord-api-docs#1808`). It is the bucket's unless the headers contradict that.
  if (limits.known === undefined || limits.known.remaining === 0) return 'bucket';
  // Without a body nothing proves a sub-limit. A hidden limit holds the whole bucket, which is safe.
  return limits.hasJSONBody === true ? 'sub-limit' : 'hidden';
}

/** Discord always sends JSON or a rate-limit header, so a 429 without either comes from Cloudflare. */
function isCloudflare({ hasJSONBody, hasLimitHeaders, scope }: ResponseLimits): boolean {
  return hasJSONBody !== true && !hasLimitHeaders && scope === undefined;
}

function waitAfter(kind: RefusalKind, { retryAfter, known }: ResponseLimits): Duration {
  return retryAfter ?? (kind === 'bucket' ? known?.resetAfter : undefined) ?? DEFAULT_RETRY_AFTER;
}
