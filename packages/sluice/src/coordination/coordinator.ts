import type { Duration, ServerInstant } from '../rules/units.js';

/**
 * Shares the limits of a manager with other processes. The manager keeps its queues and their order. Before a request
 * leaves, the manager asks a store that all processes share, and it reports responses to that store. A manager without
 * a coordinator decides alone and at once.
 *
 * `RedisCoordinator` of `@sluice/redis` is a coordinator. To write another one, implement this interface; the `lua/`
 * folder of that package shows how a store decides. All durations are in ms. Counts state totals, never changes, so an
 * exchange that is lost or repeated does no harm.
 */
export interface Coordinator {
  /**
   * What the manager does with requests while the store cannot be reached: `local` sends this process's share of the
   * limits, and `reject` rejects requests with `CoordinatorUnavailableError`.
   */
  readonly onUnavailable: 'local' | 'reject';
  /**
   * How long the store counts on a process that it has not heard from, in ms. The manager sends three heartbeats in it.
   */
  readonly lease: Duration;
  /**
   * The number of processes until the store tells it. It divides the limits if the store cannot be reached at first.
   */
  readonly processes: number;
  /**
   * Begins to share the limits of one authentication. The manager calls it once for each.
   * @param authentication The digest of the authorization, which does not reveal it.
   * @param onNews To be called when the store has news for this process. It may be called during an exchange.
   */
  open(authentication: string, onNews: (news: StoreNews) => void): SharedStore;
  /**
   * Begins to share the counts of the IP address from which this process sends.
   * @param onNews To be called when another process of the address has told the store something.
   */
  openAddress(onNews: (news: AddressNews) => void): SharedAddress;
}

/** The connection of one manager to the shared limits of one authentication. */
export interface SharedStore {
  /**
   * Calls `collect` once, when the tasks at hand are done, so that one exchange takes everything that they ask and
   * report.
   */
  whenReady(collect: () => void): void;
  /**
   * Exchanges a request for a reply. The manager never begins one while another is in flight. The promise must end in
   * finite time; it rejects when the store cannot be reached. The message of the error is the reason that the
   * `coordinatorLost` event gives.
   */
  exchange(request: StoreRequest): Promise<StoreReply>;
  /** The manager begins no exchange after this. One may still be in flight. */
  close(): void;
}

/**
 * A number of requests with the same mask of sub-limits. Bit `n` of the mask stands for the `n`th sub-limit of the
 * bucket. The mask is 0 when none concerns the requests.
 */
export type MaskedCount = readonly [mask: number, count: number];

/** The request of an exchange: what a process states, reports and asks. */
export interface StoreRequest {
  /** The number of the exchange, from 1. The store ignores a request that arrives after one with a higher number. */
  readonly seq: number;
  /** Whether this process has not shared the limits until now, so that it missed what others learned. Default false. */
  readonly joins?: boolean;
  /**
   * The epoch of the last reply. A store with another epoch has forgotten everything. Left out in the first exchange.
   */
  readonly epoch?: string;
  /** The store's time in the last reply, in ms. Left out in the first exchange. */
  readonly previous?: number;
  /** The time since that exchange began, in ms. Left out in the first exchange. */
  readonly elapsed?: Duration;
  /** The global limit. Left out when the manager keeps none. */
  readonly global?: {
    /** The requests per second that the global limit admits. */
    readonly limit: number;
    /** The slots of it that this process owns. */
    readonly held: number;
    /** Requests in flight in these slots. */
    readonly inFlight: number;
    /** Owned slots that are free now and that no waiting request needs. */
    readonly spare: number;
    /** Requests that wait only for a slot and for which no owned slot is free now. */
    readonly line: number;
    /** Slots that this process gives back: the time until each is free, in ms. */
    readonly returned: readonly Duration[];
  };
  /** How long a refusal by the global limit holds all requests, in ms. Left out when there was none. */
  readonly throttle?: Duration;
  /**
   * Bucket hashes that responses showed, by the identity of the route; `''` for a route without limits. Default none.
   */
  readonly routes?: readonly (readonly [identity: string, hash: string])[];
  /**
   * Whether the routes of a bucket hash count apart, and how often they were found to count together after that.
   * Default none.
   */
  readonly sharing?: readonly (readonly [hash: string, isSplit: boolean, joins: number])[];
  /** Whether the authorization is locked. Left out when that has not changed. */
  readonly lock?: boolean;
  /** How long webhooks are locked, in ms, by the hash of their major parameters; 0: not any more. Default none. */
  readonly webhooks?: readonly (readonly [majors: string, duration: Duration])[];
  /** The buckets of which this process has something to state, report or ask. */
  readonly buckets: readonly BucketRequest[];
  /** Whether this process holds nothing and waits for nothing, so that the store may forget it. Default false. */
  readonly leaves?: boolean;
}

/** What a process states, reports and asks of one bucket. */
export interface BucketRequest {
  /** The name of the bucket, unique within the authentication. */
  readonly name: string;
  /** The bucket hash. Left out while it is unknown. */
  readonly hash?: string;
  /** Whether the routes of the hash count apart. Default false. */
  readonly apart?: boolean;
  /**
   * The name of the bucket that the routes of the hash shared before they counted apart. Left out if there was none.
   */
  readonly parent?: string;
  /**
   * For a bucket with an unknown hash: the identities of its routes. The hash of any of them is the hash of the bucket.
   * The route of the first waiting request comes first.
   */
  readonly routes?: readonly string[];
  /**
   * The name of the bucket before its hash was known. Another process may have a request in flight under that name,
   * whose response shows the window. Left out once this process knows the window.
   */
  readonly origin?: string;
  /**
   * The name under which this process stated the bucket before, if the hash was unknown then. Others may wait under it.
   */
  readonly formerly?: string;
  /** Whether the bucket has no window, only sub-limits. Default false. */
  readonly isUnlimited?: boolean;
  /** Requests of this process in flight, plus unused grants: one number when no sub-limit concerns any of them. */
  readonly held: number | readonly MaskedCount[];
  /** Requests that wait for a grant. They replace those of the last exchange. Default none. */
  readonly want?: readonly MaskedCount[];
  /** Whether the global limit does not count the waiting requests. Default false. */
  readonly isExempt?: boolean;
  /** What became of requests since the last exchange, oldest first. Default none. */
  readonly reports?: readonly Report[];
  /** Sub-limits that this process learned or changed. Default none. */
  readonly subLimits?: readonly ToldSubLimit[];
  /** The number of sub-limits of the bucket that this process knows. */
  readonly subVersion: number;
}

/** What became of one request, or of several that say the same. */
export interface Report {
  /** The number of responses that the report stands for. Default 1. */
  readonly count?: number | undefined;
  /** The time since the response arrived, or since the request ended without one, in ms. */
  readonly age: Duration;
  /** The limit of the response's headers. Left out, like the three below, when there was no response with headers. */
  readonly limit?: number;
  /** The remaining requests of the response's headers. */
  readonly remaining?: number;
  /** The time to the reset by the response's headers, in ms. */
  readonly resetAfter?: Duration;
  /** The reset by the server's clock, in ms since the Unix epoch. Left out when no header shows it. */
  readonly reset?: ServerInstant | undefined;
  /** Whether the response was a refusal (429). Default false. */
  readonly refused?: boolean | undefined;
  /** The identity of the route. */
  readonly route?: string;
  /** The kind of the window by the evidence of this process: fixed or sliding. Left out while it is unknown. */
  readonly kind?: 'f' | 's' | undefined;
  /**
   * The earliest instant by the store's clock at which the request left, in ms. Left out when the store did not grant
   * it.
   */
  readonly sent?: number | undefined;
  /** The number of requests that ended without a response and that the server may have counted. Default 0. */
  readonly lost?: number;
  /** The mask of the sub-limits that counted the request. Default 0. */
  readonly mask?: number;
  /** How long a refusal holds the bucket from then on, in ms. Left out when it does not. */
  readonly hold?: Duration;
}

/** A limit that no header shows. */
export interface ToldSubLimit {
  /** The fields of the body whose presence makes a request count. Left out when every request counts. */
  readonly fields?: readonly string[];
  /** The requests that one period admits. */
  readonly count: number;
  /** The length of a period, in ms. */
  readonly period: Duration;
  /** The time until the current period ends, in ms. Negative when it is over. */
  readonly endsIn: Duration;
  /** The requests that the current period has counted. */
  readonly used: number;
  /**
   * Whether the process learned it before, so that the store keeps its own end and count if they are higher. Default
   * false.
   */
  readonly isRetold?: boolean;
}

/** The reply of an exchange. */
export interface StoreReply {
  /** The store's time, in ms. It need not agree with any other clock. */
  readonly now: number;
  /**
   * Names the store's memory. A new one says that the store has forgotten everything, so this process states it again.
   */
  readonly epoch: string;
  /** Whether the store did not count on this process, so that it has to state everything in flight. Default false. */
  readonly joined?: boolean;
  /** Whether a later exchange arrived first, so that the store ignored this one. Default false. */
  readonly isStale?: boolean;
  /** The number of processes that the store knows of, this one included. */
  readonly processes: number;
  /** The replies for the buckets of the request, in the same order. */
  readonly buckets: readonly BucketReply[];
  /** Slots of the global limit that this process owns from now on: the time until each is free, in ms. Default none. */
  readonly slots?: readonly Duration[];
  /** Whether this process asked for more slots than there were. News will tell when there are some. Default false. */
  readonly hasUnmetDemand?: boolean;
  /**
   * The number of slots that this process may keep, because others want some. It may use one more, once, before it
   * gives that back. Left out when no other process wants any.
   */
  readonly share?: number;
  /** How long the global limit holds all requests, in ms. Left out when it does not. */
  readonly throttle?: Duration;
  /** The grouping of hashes of which this process missed a change, as in {@link StoreRequest}. Default none. */
  readonly sharing?: StoreRequest['sharing'];
  /** Whether the authorization is locked, when this process joins. Left out otherwise. */
  readonly lock?: boolean;
  /** Webhooks that are locked, as in {@link StoreRequest}, when this process joins. Default none. */
  readonly webhooks?: StoreRequest['webhooks'];
}

/** The reply for one bucket. */
export interface BucketReply {
  /** Requests that may leave, and more that may leave later without another exchange. Default none. */
  readonly granted?: readonly MaskedCount[];
  /** For a bucket whose routes count apart: whether the store knows its window. Default false. */
  readonly isInformed?: boolean;
  /**
   * The time to ask again for the requests that were not granted, in ms; -1: when news tell. Left out when the window
   * holds none of them.
   */
  readonly wait?: number;
  /** The same for requests that sub-limits hold. Left out when they hold none. */
  readonly subWait?: number;
  /**
   * Whether other processes wait for the bucket, so that this one reports the end of a request at once. Default false.
   */
  readonly isWanted?: boolean;
  /** The window by the responses to all processes. Left out when the store does not know it. */
  readonly window?: ToldWindow;
  /** How long a refusal holds the bucket, in ms. Left out when none does. */
  readonly heldFor?: Duration;
  /** How long others outside of these processes are expected to use the bucket, in ms. Left out when they are not. */
  readonly cautiousFor?: Duration;
  /** All sub-limits of the bucket, in the order of their bits. Left out when nothing about them is new. */
  readonly subLimits?: readonly ToldSubLimit[];
  /** Whether this process knows sub-limits that the store does not, so that it has to state them. Default false. */
  readonly lacksSubLimits?: boolean;
  /** The bucket hash of {@link route}, which a response to another process showed; `''`: the route has no limits. */
  readonly hash?: string;
  /** The identity of a route of the bucket. Given together with {@link hash}. */
  readonly route?: string;
}

/** A window by the responses to all processes. */
export interface ToldWindow {
  /** Its kind: unknown, fixed or sliding. */
  readonly kind: 'u' | 'f' | 's';
  /** The requests that a window admits. */
  readonly limit: number;
  /** The requests that are left in the current window, apart from requests in flight. */
  readonly left: number;
  /** The time until the reset, at the latest, in ms. */
  readonly resetIn: Duration;
  /** The reset by the server's clock, in ms since the Unix epoch. Left out when no header showed it. */
  readonly server?: ServerInstant;
  /** For a sliding window: the time in which a full one drains, in ms. A lower bound. */
  readonly drain: Duration;
  /** The longest time to a reset that was seen at this limit, in ms. */
  readonly longest: Duration;
  /** The identity of the route whose response showed it last. */
  readonly route: string;
}

/** What the store tells without being asked. A process may miss news; heartbeats then repair that. */
export interface StoreNews {
  /** Names of buckets of which this process is to ask again, and the time until then, in ms. Default none. */
  readonly wake?: readonly (readonly [bucket: string, wait: Duration])[];
  /** Names of buckets for which other processes wait, so that this one gives back its unused grants. Default none. */
  readonly wanted?: readonly string[];
  /** Names of buckets that a refusal holds, so that their unused grants are void. Default none. */
  readonly held?: readonly string[];
  /** Whether slots of the global limit are to be had. Default false. */
  readonly slots?: boolean;
  /** The number of slots that each process may keep, as in {@link StoreReply}. */
  readonly share?: number;
  /** What other processes learned, as in {@link StoreRequest}. */
  readonly routes?: StoreRequest['routes'];
  /** What other processes learned, as in {@link StoreRequest}. */
  readonly sharing?: StoreRequest['sharing'];
  /** How long the global limit holds all requests, in ms. */
  readonly throttle?: Duration;
  /** Whether the authorization is locked. */
  readonly lock?: boolean;
  /** How long webhooks are locked, as in {@link StoreRequest}. */
  readonly webhooks?: StoreRequest['webhooks'];
  /** Whether news may have been missed, so that this process asks again for everything. Default false. */
  readonly isGap?: boolean;
}

/** The connection of one guard to the shared counts of its IP address. */
export interface SharedAddress {
  /**
   * Exchanges a request for a reply. The promise must end in finite time; it rejects when the store cannot be reached.
   * The invalid responses of the request are then sent again with a later one.
   */
  exchange(request: AddressRequest): Promise<AddressReply>;
  /** The guard begins no exchange after this. One may still be in flight. */
  close(): void;
}

/** What a process reports of its IP address. */
export interface AddressRequest {
  /** Invalid responses since the last exchange, and the time since each group of them arrived, in ms. */
  readonly invalid: readonly (readonly [age: Duration, count: number])[];
  /** How long the server bans the address, in ms. Left out when it does not. */
  readonly ban?: Duration;
  /** The period over which invalid responses count, in ms. */
  readonly period: Duration;
}

/** The counts of the other processes of an IP address. */
export interface AddressReply {
  /** All their invalid responses within the period. The age, in ms, is that of the latest of each group. */
  readonly invalid: readonly (readonly [age: Duration, count: number])[];
  /** How long the server bans the address, in ms. Left out when it does not. */
  readonly bannedFor?: Duration;
  /** The number of processes that send from the address, this one included. */
  readonly processes: number;
  /** The number of exchanges so far that reported anything. News that follow have the next number. */
  readonly version: number;
}

/** What another process of the IP address has just reported. */
export interface AddressNews extends Partial<Pick<AddressReply, 'invalid' | 'bannedFor' | 'version'>> {
  /** Whether news may have been missed, so that this process asks for all counts again. Default false. */
  readonly isGap?: boolean;
}
