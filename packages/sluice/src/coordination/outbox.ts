import { MAX_WAIT } from '../rules/headers.js';
import type { Duration } from '../rules/units.js';
import type { StoreRequest } from './coordinator.js';

type OutboxContents = Pick<StoreRequest, 'throttle' | 'routes' | 'sharing' | 'lock' | 'webhooks'>;

/** Reports to the store that concern more than one bucket, until the next exchange; the latest of one thing counts. */
export class Outbox {
  readonly #routes = new Map<string, string>();
  readonly #sharing = new Map<string, readonly [isSplit: boolean, joins: number]>();
  readonly #webhooks = new Map<string, Duration>();
  #throttle: Duration | undefined;
  #lock: boolean | undefined;

  /** @param hash `''` for a route without limits. */
  route(identity: string, hash: string): void {
    this.#routes.set(identity, hash);
  }

  sharing(hash: string, isSplit: boolean, joins: number): void {
    this.#sharing.set(hash, [isSplit, joins]);
  }

  throttle(duration: Duration): void {
    this.#throttle = Math.max(this.#throttle ?? 0, duration);
  }

  lock(isLocked: boolean): void {
    this.#lock = isLocked;
  }

  /** @param duration 0: the webhook is not locked any more. */
  webhook(majors: string, duration: Duration): void {
    this.#webhooks.set(majors, Math.min(duration, MAX_WAIT));
  }

  /** Takes out all reports. */
  take(): OutboxContents {
    const contents = {
      ...(this.#routes.size > 0 && { routes: [...this.#routes] }),
      ...(this.#sharing.size > 0 && { sharing: [...this.#sharing].map(([hash, known]) => [hash, ...known] as const) }),
      ...(this.#webhooks.size > 0 && { webhooks: [...this.#webhooks] }),
      ...(this.#throttle !== undefined && { throttle: this.#throttle }),
      ...(this.#lock !== undefined && { lock: this.#lock }),
    };
    this.#routes.clear();
    this.#sharing.clear();
    this.#webhooks.clear();
    this.#throttle = this.#lock = undefined;
    return contents;
  }

  /** Puts back reports that the store did not hear, unless there is a later one. */
  restore({ routes = [], sharing = [], webhooks = [], throttle, lock }: OutboxContents): void {
    for (const [identity, hash] of routes) if (!this.#routes.has(identity)) this.#routes.set(identity, hash);
    for (const [hash, ...known] of sharing) if (!this.#sharing.has(hash)) this.#sharing.set(hash, known);
    for (const [majors, duration] of webhooks) if (!this.#webhooks.has(majors)) this.#webhooks.set(majors, duration);
    if (throttle !== undefined) this.throttle(throttle);
    this.#lock ??= lock;
  }
}
