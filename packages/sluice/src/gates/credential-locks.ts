import { AuthorizationLockedError, WebhookLockedError } from '../errors.js';
import type { CompiledRoute } from '../routes/route.js';
import { isWebhook } from '../routes/webhook.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { LockKnowledge } from '../rules/knowledge.js';
import type { LocalInstant } from '../rules/units.js';

/** Discord's error code for a webhook that does not exist. */
const UNKNOWN_WEBHOOK = 10_015;

/** The end of the identity of each route whose path is the webhook itself. */
const WEBHOOK = ' /webhooks/{webhook}/{token}';

/** The most locks of each kind: for one more, the oldest is forgotten. */
const MOST_LOCKS = 10_000;

/**
 * The credential that a response proves to be useless (docs/theory.md, "Invalid requests, locks and bans"): the
 * authorization, on a 401 to a route that sends it; or the webhook, on a 404, except that of an interaction, where a
 * later request may succeed.
 */
export function uselessCredential(
  route: CompiledRoute,
  limits: ResponseLimits,
  hasAuthorization: boolean,
): 'authorization' | 'webhook' | undefined {
  if (limits.status === 401 && hasAuthorization && route.sendsAuthorization) return 'authorization';
  return limits.status === 404 && isWebhook(route) && isGone(route, limits) ? 'webhook' : undefined;
}

/** A 404 may also concern one of the webhook's messages: the error code tells, or without a body the path. */
function isGone(route: CompiledRoute, { hasJSONBody, errorCode }: ResponseLimits): boolean {
  return hasJSONBody === undefined ? route.identity.endsWith(WEBHOOK) : errorCode === UNKNOWN_WEBHOOK;
}

/** The authorizations and webhooks that are locked. Only digests of authorizations are kept. */
export class CredentialLocks {
  /** Digests. */
  readonly #authorizations = new Set<string>();
  /** The end of each lock, by major parameters; the first to end is first, as all last equally long. */
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
  lockWebhook(majorKey: string, until: LocalInstant, now: LocalInstant): boolean {
    this.expire(now);
    if (until <= now || this.#webhooks.has(majorKey)) return false;
    makeRoom(this.#webhooks);
    this.#webhooks.set(majorKey, until);
    return true;
  }

  /** @returns Whether it was locked. */
  unlockAuthorization(digest: string): boolean {
    return this.#authorizations.delete(digest);
  }

  /** @returns Whether it was locked. */
  unlockWebhook(majorKey: string, now: LocalInstant): boolean {
    this.expire(now);
    return this.#webhooks.delete(majorKey);
  }

  /** The locks at `now`. */
  knowledge(now: LocalInstant): LockKnowledge {
    this.expire(now);
    const webhooks = [...this.#webhooks].map(([majorKey, until]) => ({ majorKey, until }));
    return { authorizations: [...this.#authorizations], webhooks };
  }

  /** Restores the locks from before a restart; those of webhooks end by `latest`. */
  restore({ authorizations, webhooks }: LockKnowledge, latest: LocalInstant): void {
    for (const digest of authorizations.slice(-MOST_LOCKS)) this.#authorizations.add(digest);
    const firstToEnd = [...webhooks].sort((a, b) => a.until - b.until).slice(-MOST_LOCKS);
    for (const { majorKey, until } of firstToEnd) this.#webhooks.set(majorKey, Math.min(until, latest));
  }

  /** The error for a request whose authorization or webhook is locked. */
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

/** Makes room for one more lock. */
function makeRoom(locks: Set<string> | Map<string, unknown>): void {
  if (locks.size < MOST_LOCKS) return;
  for (const oldest of locks.keys()) {
    locks.delete(oldest);
    return;
  }
}
