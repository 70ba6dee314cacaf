import type { HeaderProblem } from '../rules/header-problem.js';
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
      /** How long they have to wait, in ms; `Infinity`: until a request in flight is answered. */
      retryAfter: Duration;
      /** Whether the server asked for the wait (429), rather than the limit that Sluice keeps. */
      isReactive: boolean;
    },
  ];
  /** The server refused a request with 429. */
  refused: [event: { route: string; bucket: string; kind: RefusalKind; retryAfter: Duration }];
  /** Cloudflare bans this address: all requests are held. */
  cloudflareBanned: [event: { route: string; retryAfter: Duration; until: LocalInstant }];
  /**
   * The count of invalid responses (401, 403, 429) has reached a percentage (10, 50, 80 or 95) of the limit of an IP
   * address; again when the count has fallen in between. Of several managers that share a guard, the one that received
   * the response emits the event.
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
   * The store through which processes share limits cannot be reached. Until it can, requests are rejected, or this
   * process goes on with its part of the limits.
   */
  coordinatorLost: [event: { authentication: string; reason: string }];
  /** `unlock` has unlocked an authorization (its digest), or the webhook of a route. */
  unlocked: [event: { authentication: string } | { route: string }];
  /** A response named the bucket of a route that was unknown, or had no limits. */
  bucketResolved: [event: { route: string; bucket: string; hash: string }];
  /** A response named another bucket hash for a route than before. */
  hashChanged: [event: { route: string; from: string; to: string }];
  /**
   * Evidence showed that the routes of one hash count apart (`split`), or together (`join`). They start together.
   */
  sharingChanged: [event: { hash: string; change: 'split' | 'join'; route: string; reason: string }];
  /** A limit that no header shows refused a request. The measured limit prevents the next refusal. */
  subLimited: [
    event: {
      route: string;
      bucket: string;
      /** Fields of the body, one of which is limited; `undefined` when the limit concerns every request. */
      fields: readonly string[] | undefined;
      /** Requests that a period admits, as far as is known. */
      count: number;
      /** Length of a period in ms, as far as is known. */
      period: Duration;
      retryAfter: Duration;
    },
  ];
  /** A response came without rate-limit headers: only the global limit holds for this route. */
  routeUnlimited: [event: { route: string }];
  /** Responses proved the kind of a window. */
  windowKind: [event: { bucket: string; kind: WindowKind; previous: WindowKind }];
  /** Rate-limit headers or a 429's body were malformed or absurd, and were ignored or corrected. */
  malformedHeaders: [event: { route: string; problems: readonly HeaderProblem[] }];
  /** The garbage collector took a bucket away. */
  bucketCollected: [event: { bucket: string }];
  /** A pass of the garbage collector ended. */
  gcPass: [event: GCPass];
}
