import { EventEmitter } from 'node:events';
import type { HeaderProblem } from '../rules/headers.js';
import type { RefusalKind } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { WindowKind } from '../rules/window-kind.js';
import type { GCPass } from './gc-pass.js';

/** What a manager tells those who listen. No payload holds a token or any other secret. */
export interface ManagerEvents {
  /** Requests of a bucket have to wait for its limit. */
  rateLimited: [
    event: {
      /** The request whose turn it is, as `POST /channels/123/messages`. */
      route: string;
      /** Name of the bucket. */
      bucket: string;
      /** How long it has to wait, in ms. */
      retryAfter: Duration;
      limit: number;
      remaining: number;
      /** When the limit ends, on the limiter's monotonic clock. */
      resetAt: LocalInstant;
      /** Requests that wait in this bucket. */
      queued: number;
    },
  ];
  /** Requests of an authentication have to wait for the global limit, or for a hold that concerns all of them. */
  globalLimited: [
    event: {
      /** Digest of the authentication. */
      authentication: string;
      /** How long they have to wait, in ms; `Infinity` until one of those in flight is answered. */
      retryAfter: Duration;
      /** Whether the server asked for it, rather than the limit that is kept by ourselves. */
      isReactive: boolean;
    },
  ];
  /** The server refused a request with 429. */
  refused: [event: { route: string; bucket: string; kind: RefusalKind; retryAfter: Duration }];
  /** Cloudflare bans this address: everything is held. */
  cloudflareBanned: [event: { route: string; retryAfter: Duration; until: LocalInstant }];
  /** An answer named the bucket of a route that was unknown, or had no limits. */
  bucketResolved: [event: { route: string; bucket: string; hash: string }];
  /** An answer named another bucket than before for a route. */
  hashChanged: [event: { route: string; from: string; to: string }];
  /** An answer came without rate-limit headers: only the global limit holds for this route. */
  routeUnlimited: [event: { route: string }];
  /** Answers proved of which kind a window is. */
  windowKind: [event: { bucket: string; kind: WindowKind; previous: WindowKind }];
  /** Rate-limit headers or a 429's body were malformed or absurd, and were ignored or corrected. */
  malformedHeaders: [event: { route: string; problems: readonly HeaderProblem[] }];
  /** The garbage collector took a bucket away. */
  bucketCollected: [event: { bucket: string }];
  /** A pass of the garbage collector ended. */
  gcPass: [event: GCPass];
}

/** The manager's side of its events: a listener costs nothing while there is none, and cannot break the limiter. */
export class ManagerEmitter extends EventEmitter<ManagerEvents> {
  /** Calls the listeners with what `describe` returns; it is not called when nobody listens. */
  protected tell<K extends keyof ManagerEvents>(name: K, describe: () => ManagerEvents[K][0]): void {
    if (this.listenerCount(name) === 0) return;
    try {
      (this as EventEmitter).emit(name, describe());
    } catch (error) {
      // Out of the limiter's own call stack, so that the error is reported but no request is stuck by it.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
