import type { HeaderProblem } from '../rules/headers.js';
import type { RefusalKind } from '../rules/refusal.js';
import type { Duration, LocalInstant } from '../rules/units.js';
import type { WindowKind } from '../rules/window-kind.js';
import type { GCPass } from './gc-pass.js';

/** The events of a manager. No payload holds a token or any other secret. */
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
  /**
   * An answer of status 401, 403 or 429 was the one with which so many percent (10, 50, 80, 95) of what an IP address
   * may have in a period were reached; again when the count has fallen in between. Of several managers that share a
   * guard, the one that had the answer tells.
   */
  invalidRequests: [event: { count: number; limit: number; percent: number }];
  /** The limit of invalid requests, less its margin, was reached: further requests are held, or rejected. */
  invalidRequestsHeld: [event: { count: number; limit: number; retryAfter: Duration; until: LocalInstant }];
  /** An authorization (its digest) was answered with 401: its requests are rejected until it is unlocked. */
  authorizationLocked: [event: { authentication: string; route: string }];
  /** A webhook is unknown to Discord: its requests are rejected until then, or until it is unlocked. */
  webhookLocked: [event: { route: string; retryAfter: Duration; until: LocalInstant }];
  /** The limits of an authentication (its digest) are shared with other processes: from the start, or again. */
  coordinatorJoined: [event: { authentication: string }];
  /**
   * The store through which processes share limits cannot be reached: requests are rejected, or this process goes on
   * with its share of the limits, until it can.
   */
  coordinatorLost: [event: { authentication: string; reason: string }];
  /** A lock was taken off by hand: that of an authorization (its digest), or that of the webhook of a route. */
  unlocked: [event: { authentication: string } | { route: string }];
  /** An answer named the bucket of a route that was unknown, or had no limits. */
  bucketResolved: [event: { route: string; bucket: string; hash: string }];
  /** An answer named another bucket than before for a route. */
  hashChanged: [event: { route: string; from: string; to: string }];
  /**
   * Evidence showed that the routes of one hash count apart (`split`), or together (`join`). They start together.
   */
  sharingChanged: [event: { hash: string; change: 'split' | 'join'; route: string; reason: string }];
  /** A limit that no header shows refused a request; what it taught prevents the next refusal. */
  subLimited: [
    event: {
      route: string;
      bucket: string;
      /** Fields of the body one of which is limited; `undefined` when it concerns every request. */
      fields: readonly string[] | undefined;
      /** Requests that a period admits, as far as is known. */
      count: number;
      /** Length of a period in ms, as far as is known. */
      period: Duration;
      retryAfter: Duration;
    },
  ];
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
