import { RateLimitTooLongError } from '../errors.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { Bucket, PermitRequest } from './bucket.js';
import type { Turns } from './turns.js';

/** No rule of its bucket holds the request. Only the gate can. */
export const LEAVE = 'leave';
/** The request waits until a request in flight has ended. */
export const AFTER_AN_END = 'after-an-end';
/** The request waits for a response, or for news from the store. */
export const AFTER_NEWS = 'after-news';

/**
 * Whether a request may leave, and if not, why and until when. Only a request that waits for an instant or is rejected
 * takes an object.
 */
export type Verdict =
  | typeof LEAVE
  | typeof AFTER_AN_END
  | typeof AFTER_NEWS
  /** The limit of the bucket holds it. */
  | { readonly kind: 'later'; readonly wait: Duration }
  /** Its caller asked for a delay before it is sent again. */
  | { readonly kind: 'back-off'; readonly until: LocalInstant }
  /** A limit on one of its fields holds it, so that it waits beside the queue. */
  | { readonly kind: 'aside'; readonly wait: Duration }
  /** A limit holds it for longer than is allowed. */
  | { readonly kind: 'too-long'; readonly error: RateLimitTooLongError }
  /** It may be neither sent nor queued, whatever the limits say. */
  | { readonly kind: 'refused'; readonly error: Error };

/** The rules beside the bucket's own. */
export interface Rules {
  readonly maxRateLimit: Duration;
  readonly turns: Pick<Turns, 'waitFor'>;
  readonly gate: { heldFor(isExempt: boolean, now: LocalInstant): Duration } | undefined;
  /** The error for a request that may neither leave nor wait at present. */
  errorFor(route: CompiledRoute): Error | undefined;
}

/**
 * Asks every rule of its bucket whether a request may leave at `now`, in the order of docs/theory.md, "Who may leave".
 * Pure: the dispatcher acts on the verdict. Passing the gate takes a slot, so it is no question and not part of it.
 */
export function verdictOn(request: PermitRequest, now: LocalInstant, rules: Rules): Verdict {
  const { bucket, route, fields } = request;
  const error = rules.errorFor(route);
  if (error !== undefined) return { kind: 'refused', error };
  const wait = rules.turns.waitFor(bucket, fields, now);
  const aside = fields.length === 0 ? 0 : bucket.state.waitForFields(fields, now);
  if (wait === 0 && aside === 0 && request.notBefore <= now && bucket.mayRunBeside(request)) return LEAVE;
  const tooLong = tooLongFor(request, wait, now, rules);
  if (tooLong !== undefined) return tooLong;
  if (request.notBefore > now) return { kind: 'back-off', until: request.notBefore };
  if (aside === Number.POSITIVE_INFINITY) return AFTER_AN_END;
  if (aside > 0) return asideFor(request, aside, now, rules);
  if (!bucket.mayRunBeside(request)) return AFTER_AN_END;
  return wait === Number.POSITIVE_INFINITY ? AFTER_NEWS : { kind: 'later', wait };
}

/**
 * The verdict on a request that nothing but the gate holds: it waits in line there, unless that takes too long. It is
 * asked only when the gate has no room, as most requests pass.
 */
export function verdictAtGate(request: PermitRequest, now: LocalInstant, rules: Rules): Verdict {
  return tooLongFor(request, 0, now, rules) ?? LEAVE;
}

/** The verdict on a request that waits beside the queue for `wait` ms, unless that is too long. */
export function asideFor(
  { bucket, route }: PermitRequest,
  wait: Duration,
  now: LocalInstant,
  { maxRateLimit }: Pick<Rules, 'maxRateLimit'>,
): Verdict {
  if (wait <= maxRateLimit) return { kind: 'aside', wait };
  return { kind: 'too-long', error: tooLongError(bucket, route, wait, maxRateLimit, false, now) };
}

/** The verdict on a limit that lasts longer than is allowed. The queue's own length is no limit. */
function tooLongFor(
  { bucket, route, isExempt }: PermitRequest,
  wait: Duration,
  now: LocalInstant,
  { maxRateLimit, gate }: Rules,
): Verdict | undefined {
  if (maxRateLimit === Number.POSITIVE_INFINITY) return undefined;
  const held = gate === undefined ? 0 : gate.heldFor(isExempt, now);
  const isGlobal = held > maxRateLimit;
  if (!isGlobal && (wait <= maxRateLimit || wait === Number.POSITIVE_INFINITY)) return undefined;
  const longest = isGlobal ? held : wait;
  return { kind: 'too-long', error: tooLongError(bucket, route, longest, maxRateLimit, isGlobal, now) };
}

function tooLongError(
  bucket: Bucket,
  route: CompiledRoute,
  retryAfter: Duration,
  maxRetryAfter: Duration,
  isGlobal: boolean,
  now: LocalInstant,
): RateLimitTooLongError {
  const { isKnown, limit, period } = bucket.state;
  return new RateLimitTooLongError({
    route: String(route),
    retryAfter,
    maxRetryAfter,
    resetAt: now + retryAfter,
    limit: isKnown ? limit : undefined,
    remaining: Math.max(0, bucket.state.available(bucket.unanswered, now)),
    period: isKnown ? period : undefined,
    isGlobal,
  });
}
