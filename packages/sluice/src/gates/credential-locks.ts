import { AuthorizationLockedError, WebhookLockedError } from '../errors.js';
import type { CompiledRoute } from '../routes/route.js';
import { isWebhook } from '../routes/webhook.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { LockKnowledge } from '../rules/knowledge.js';
import type { LocalInstant } from '../rules/units.js';

/** Discord's error code for a webhook that does not exist. */
const UNKNOWN_WEBHOOK = 10_015;

/** The path of a webhook itself, as the identity of a route ends. */
const WEBHOOK = ' /webhooks/{webhook}/{token}';

/** Locks of each kind that are kept: the oldest one more is forgotten. */
const MOST_LOCKS = 10_000;

/**
 * What an answer proves to be of no use any more (facts part 6): the authorization that was sent, on a 401, where it is
 * the authorization that counts; or the webhook, on a 404, unless it is an interaction's, where a 404 can pass.
 */
export function uselessCredential(
  route: CompiledRoute,
  limits: ResponseLimits,
  hasAuthorization: boolean,
): 'authorization' | 'webhook' | undefined {
  if (limits.status === 401 && hasAuthorization && route.sendsAuthorization) return 'authorization';
  return limits.status === 404 && isWebhook(route) && isGone(route, limits) ? 'webhook' : undefined;
}

/** A 404 may also mean one of the webhook's messages; only without a body, the path has to tell. */
function isGone(route: CompiledRoute, { hasJSONBody, errorCode }: ResponseLimits): boolean {
  return hasJSONBody === undefined ? route.identity.endsWith(WEBHOOK) : errorCode === UNKNOWN_WEBHOOK;
}

/** The authorizations and webhooks with which nothing is sent. Only digests are kept. */
export class CredentialLocks {
  /** Digests. */
  readonly #authorizations = new Set<string>();
  /** Until when, by the hash of the major parameters; the first to end is first, as all last equally long. */
  readonly #webhooks = new Map<string, LocalInstant>();

  get isEmpty(): boolean {
    return this.#authorizations.size + this.#webhooks.size === 0;
  }

  /** @returns Whether it was not locked before. */
  lockAuthorization(digest: string): boolean {
    if (this.#authorizations.has(digest)) return false;
    makeRoom(this.#authorizations);
    this.#authorizations.add(digest);
    return true;
  }

  /** @returns Whether it was not locked before. */
  lockWebhook(majors: string, until: LocalInstant, now: LocalInstant): boolean {
    this.expire(now);
    if (until <= now || this.#webhooks.has(majors)) return false;
    makeRoom(this.#webhooks);
    this.#webhooks.set(majors, until);
    return true;
  }

  /** @returns Whether it was locked. */
  unlockAuthorization(digest: string): boolean {
    return this.#authorizations.delete(digest);
  }

  /** @returns Whether it was locked. */
  unlockWebhook(majors: string, now: LocalInstant): boolean {
    this.expire(now);
    return this.#webhooks.delete(majors);
  }

  /** All that is locked at `now`. */
  knowledge(now: LocalInstant): LockKnowledge {
    this.expire(now);
    const webhooks = [...this.#webhooks].map(([majors, until]) => ({ majors, until }));
    return { authorizations: [...this.#authorizations], webhooks };
  }

  /** Locks what was locked before a restart; no webhook for longer than until `latest`. */
  restore({ authorizations, webhooks }: LockKnowledge, latest: LocalInstant): void {
    for (const digest of authorizations.slice(-MOST_LOCKS)) this.#authorizations.add(digest);
    const firstToEnd = [...webhooks].sort((a, b) => a.until - b.until).slice(-MOST_LOCKS);
    for (const { majors, until } of firstToEnd) this.#webhooks.set(majors, Math.min(until, latest));
  }

  /** Why a request with this authentication may not be sent. */
  errorFor(digest: string, route: CompiledRoute, now: LocalInstant): Error | undefined {
    if (this.#authorizations.has(digest)) return new AuthorizationLockedError(String(route), digest);
    const until = this.#webhooks.get(route.majorParamHash);
    return until !== undefined && until > now ? new WebhookLockedError(String(route), until - now) : undefined;
  }

  /** Forgets the locks that have ended. */
  expire(now: LocalInstant): void {
    for (const [webhook, until] of this.#webhooks) {
      if (until > now) return;
      this.#webhooks.delete(webhook);
    }
  }
}

/** Sees to it that one more can be kept. */
function makeRoom(locks: Set<string> | Map<string, unknown>): void {
  if (locks.size < MOST_LOCKS) return;
  for (const oldest of locks.keys()) {
    locks.delete(oldest);
    return;
  }
}
