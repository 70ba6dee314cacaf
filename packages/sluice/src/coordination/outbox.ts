import { MAX_WAIT } from '../rules/headers.js';
import type { Duration } from '../rules/units.js';
import type { StoreRequest } from './coordinator.js';

type Told = Pick<StoreRequest, 'throttle' | 'routes' | 'sharing' | 'lock' | 'webhooks'>;

/** What the store has not been told yet and concerns more than one bucket; of one thing, the latest counts. */
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

  /** @param duration 0: it is locked no more. */
  webhook(majors: string, duration: Duration): void {
    this.#webhooks.set(majors, Math.min(duration, MAX_WAIT));
  }

  /** Takes out all of it. */
  take(): Told {
    const told = {
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
    return told;
  }

  /** Puts back what the store did not hear, unless something later is known. */
  restore({ routes = [], sharing = [], webhooks = [], throttle, lock }: Told): void {
    for (const [identity, hash] of routes) if (!this.#routes.has(identity)) this.#routes.set(identity, hash);
    for (const [hash, ...known] of sharing) if (!this.#sharing.has(hash)) this.#sharing.set(hash, known);
    for (const [majors, duration] of webhooks) if (!this.#webhooks.has(majors)) this.#webhooks.set(majors, duration);
    if (throttle !== undefined) this.throttle(throttle);
    this.#lock ??= lock;
  }
}
