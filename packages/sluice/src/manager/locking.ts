import type { Clock } from '../clock/clock.js';
import { CredentialLocks, uselessCredential } from '../gates/credential-locks.js';
import type { CompiledRoute } from '../routes/route.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { LockKnowledge } from '../rules/knowledge.js';
import type { Duration } from '../rules/units.js';
import type { Authentication } from './authentication.js';
import type { Tell } from './tell.js';

/** The parts of its manager that locking works with. */
export interface LockingContext {
  readonly clock: Clock;
  readonly authentications: ReadonlyMap<string, Authentication>;
  readonly webhookLockDuration: Duration;
  readonly tell: Tell;
}

/**
 * Credentials that Discord does not accept are locked, here and in other processes, and the requests that wait fail.
 */
export class Locking {
  readonly #context: LockingContext;
  readonly #locks = new CredentialLocks();

  constructor(context: LockingContext) {
    this.#context = context;
  }

  get isEmpty(): boolean {
    return this.#locks.isEmpty;
  }

  /** The error for a request whose credential is locked. */
  errorFor({ digest }: Authentication, route: CompiledRoute): Error | undefined {
    return this.#locks.isEmpty ? undefined : this.#locks.errorFor(digest, route, this.#context.clock.now());
  }

  /** Locks the credential that a response proves to be useless, if any. */
  learn(authentication: Authentication, route: CompiledRoute, limits: ResponseLimits): void {
    const useless = uselessCredential(route, limits, authentication.hasAuthorization);
    if (useless === 'authorization') this.#lockAuthorization(authentication, route);
    else if (useless === 'webhook') this.#lockWebhook(authentication, route);
  }

  /** Another process locked or unlocked an authorization. */
  onAuthorizationLock(authentication: Authentication, isLocked: boolean): void {
    const { digest } = authentication;
    if (!isLocked) this.#locks.unlockAuthorization(digest);
    else if (this.#locks.lockAuthorization(digest)) authentication.rejectWaiting();
  }

  /** Another process locked a webhook for this long; 0: it unlocked the webhook. */
  onWebhookLock(majorKey: string, duration: Duration): void {
    const now = this.#context.clock.now();
    if (duration === 0) this.#locks.unlockWebhook(majorKey, now);
    else if (this.#locks.lockWebhook(majorKey, now + duration, now)) this.#rejectWebhook(majorKey);
  }

  /** @returns Whether the authorization was locked. */
  unlockAuthorization(digest: string): boolean {
    if (!this.#locks.unlockAuthorization(digest)) return false;
    this.#context.tell('unlocked', () => ({ authentication: digest }));
    this.#context.authentications.get(digest)?.report((outbox) => outbox.lock(false));
    return true;
  }

  /** @returns Whether the webhook of a route was locked. */
  unlockWebhook(route: CompiledRoute): boolean {
    const { majorParamHash: majorKey } = route;
    const { clock, authentications, tell } = this.#context;
    if (!this.#locks.unlockWebhook(majorKey, clock.now())) return false;
    tell('unlocked', () => ({ route: String(route) }));
    for (const each of authentications.values()) each.report((outbox) => outbox.webhook(majorKey, 0));
    return true;
  }

  /** Forgets the locks that have ended. */
  expire(): void {
    this.#locks.expire(this.#context.clock.now());
  }

  /** All that is locked now. */
  get knowledge(): LockKnowledge {
    return this.#locks.knowledge(this.#context.clock.now());
  }

  /** Locks what was locked before a restart. */
  restore(known: LockKnowledge): void {
    const { clock, webhookLockDuration } = this.#context;
    this.#locks.restore(known, clock.now() + webhookLockDuration);
  }

  #lockAuthorization(authentication: Authentication, route: CompiledRoute): void {
    const { digest } = authentication;
    if (!this.#locks.lockAuthorization(digest)) return;
    this.#context.tell('authorizationLocked', () => ({ authentication: digest, route: String(route) }));
    authentication.report((outbox) => outbox.lock(true));
    authentication.rejectWaiting();
  }

  #lockWebhook(authentication: Authentication, route: CompiledRoute): void {
    const { clock, webhookLockDuration: retryAfter, tell } = this.#context;
    const { majorParamHash: majorKey } = route;
    const now = clock.now();
    const until = now + retryAfter;
    if (!this.#locks.lockWebhook(majorKey, until, now)) return;
    tell('webhookLocked', () => ({ route: String(route), retryAfter, until }));
    authentication.report((outbox) => outbox.webhook(majorKey, retryAfter));
    this.#rejectWebhook(majorKey);
  }

  #rejectWebhook(majorKey: string): void {
    for (const authentication of this.#context.authentications.values()) authentication.rejectWaiting(majorKey);
  }
}
