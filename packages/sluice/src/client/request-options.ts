import type { Concurrency } from '../buckets/concurrency.js';
import type { Duration } from '../rules/units.js';
import type { Query } from './query.js';
import type { BodyOptions } from './request-body.js';
import type { HeadersInput } from './request-checks.js';

/** What a single request of a `RESTClient` is made of. */
export interface RequestOptions extends BodyOptions {
  /** Added to a query that the path already has. */
  readonly query?: Query | undefined;
  /** Shown in the guild's audit log; at most 512 characters. */
  readonly reason?: string | undefined;
  /** Added to those of the client. */
  readonly headers?: HeadersInput | undefined;
  /** Ends the request wherever it is; the promise rejects with the signal's own reason. */
  readonly signal?: AbortSignal | undefined;
  /** Higher ones leave first within their bucket and under the global limit. A whole number; default 0. */
  readonly priority?: number | undefined;
  /** Which requests of the bucket may be under way together. Default: the manager's. */
  readonly concurrency?: Concurrency | undefined;
  /** How long nothing may move, in ms. Default: the client's. */
  readonly timeout?: Duration | undefined;
  /**
   * The Authorization that is sent: `false` for none, `true` for the client's token wherever the request goes, a
   * string for that one (`Bearer …`). Default: the client's token, except where the path holds its own (webhooks and
   * interactions), as the request would then count as the bot's (facts part 5).
   */
  readonly auth?: boolean | string | undefined;
  /** How often it is sent again after errors of the server or the connection. Default: the client's. */
  readonly retries?: number | undefined;
  /**
   * Whether a POST is sent again although it may have been carried out. Default: only if its JSON has a `nonce` with
   * `enforce_nonce: true`, as Discord then does it once (facts part 8).
   */
  readonly repeatPost?: boolean | undefined;
}

/** Options of {@link RESTClient.fetch}. */
export interface FetchOptions extends RequestOptions {
  /** Default: a compiled route's own, or GET. */
  readonly method?: string | undefined;
}
