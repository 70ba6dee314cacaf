import type { Concurrency } from '../buckets/concurrency.js';
import type { Duration } from '../rules/units.js';
import type { Query } from './query.js';
import type { BodyOptions } from './request-body.js';
import type { HeadersInput } from './request-checks.js';

/** Options of a single request of a `RESTClient`. */
export interface RequestOptions extends BodyOptions {
  /** Added to the query of the path, if it has one. */
  readonly query?: Query | undefined;
  /** Shown in the guild's audit log; at most 512 characters. */
  readonly reason?: string | undefined;
  /** Added to the headers of the client. */
  readonly headers?: HeadersInput | undefined;
  /** Ends the request in whatever state it is. The promise rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Requests with a higher priority are sent first, in their bucket and under the global limit. An integer; default 0.
   */
  readonly priority?: number | undefined;
  /** Which requests of the bucket may be in flight together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
  /** How long the request may make no progress, in ms. Default: the client's. */
  readonly timeout?: Duration | undefined;
  /**
   * The Authorization header: `false` for none, `true` for the client's token whatever the path, a string for that
   * value (`Bearer …`). Default: the client's token, except when the path contains a token of its own (webhooks and
   * interactions), because the request would then count as the bot's (`discord-api-docs#4142`).
   */
  readonly auth?: boolean | string | undefined;
  /** How often the request is sent again after an error of the server or the connection. Default: the client's. */
  readonly retries?: number | undefined;
  /**
   * Whether a POST is sent again although Discord may have carried it out. Default: only if its JSON has a `nonce` with
   * `enforce_nonce: true`, because Discord then creates the message only once.
   */
  readonly repeatPost?: boolean | undefined;
}

/** Options of {@link RESTClient.fetch}. */
export interface FetchOptions extends RequestOptions {
  /** Default: the method of a compiled route, or GET. */
  readonly method?: string | undefined;
}
