import type { Duration, ServerInstant } from '../rules/units.js';

/**
 * Decides together with other processes what may leave. The manager keeps its queues and their order; before a request
 * leaves, it asks a store that all of them share, and tells it what answers say. Without a coordinator, a manager
 * decides alone and at once.
 *
 * `RedisCoordinator` of `@sluice/redis` is one. Whoever writes another implements this interface: how the exchanges are
 * decided, its `lua/` folder shows.
 */
export interface Coordinator {
  /**
   * What becomes of requests while the store cannot be reached: each process goes on with its share of the limits, or
   * rejects them with `CoordinatorUnavailableError`.
   */
  readonly onUnavailable: 'local' | 'reject';
  /** How long the store reckons with a process that is not heard of, in ms. */
  readonly lease: Duration;
  /** How many processes there are as long as the store has not told. */
  readonly processes: number;
  /** Begins to share the limits of one authentication, named by its digest. */
  open(authentication: string, onNews: (news: StoreNews) => void): SharedStore;
  /** Begins to share what is counted for the IP address from which this process sends. */
  openAddress(onNews: (news: AddressNews) => void): SharedAddress;
}

/** The connection of a manager to what is shared of one authentication. */
export interface SharedStore {
  /** Calls back as soon as it is worth to collect an exchange: when all that is done at the moment is done. */
  whenReady(collect: () => void): void;
  /** Never called while another exchange is under way; rejects in finite time when the store cannot be reached. */
  exchange(request: StoreRequest): Promise<StoreReply>;
  /** No exchange follows the one under way. */
  close(): void;
}

/** So many requests that the sub-limits with these bits concern; 0 stands for none of them. */
export type MaskedCount = readonly [mask: number, count: number];

/** What a process tells and asks. All counts are absolute, so that an exchange that was lost can do no harm. */
export interface StoreRequest {
  /** The number of the exchange: the store ignores one that arrives after a later one. */
  readonly seq: number;
  /** Whether this process has not shared the limits until now, and so has missed what others learned. */
  readonly joins?: boolean;
  /** What this process knew the store by; another one has forgotten what it was told. */
  readonly epoch?: string;
  /** The store's time in the last reply, and how long ago that exchange was begun. */
  readonly previous?: number;
  readonly elapsed?: Duration;
  readonly global?: {
    /** Requests per second that the global limit admits. */
    readonly limit: number;
    /** Slots of it that this process owns. */
    readonly held: number;
    /** Requests under way in them. */
    readonly inFlight: number;
    /** Of these, how many are free now. */
    readonly spare: number;
    /** Requests that wait for nothing but a slot. */
    readonly line: number;
    /** Slots that are given back: in how many ms each is free. */
    readonly returned: readonly Duration[];
  };
  /** The global limit holds everything for so long. */
  readonly throttle?: Duration;
  /** Bucket hashes that answers told; `''` for a route without limits. */
  readonly routes?: readonly (readonly [identity: string, hash: string])[];
  /** Whether the routes of a hash count apart, and how often they were taken for one counter again. */
  readonly sharing?: readonly (readonly [hash: string, isSplit: boolean, joins: number])[];
  /** Whether the authorization is locked, if that has changed. */
  readonly lock?: boolean;
  /** Webhooks, by the hash of their major parameters, that are locked for so long; 0: no more. */
  readonly webhooks?: readonly (readonly [majors: string, duration: Duration])[];
  readonly buckets: readonly BucketRequest[];
  /** Whether nothing is held or waited for any more, so that the process need not be reckoned with. */
  readonly leaves?: boolean;
}

/** What a process tells of a bucket, and what it wants of it. */
export interface BucketRequest {
  /** Names the bucket among those of the authentication. */
  readonly name: string;
  /** Its bucket hash, and whether its routes are taken to count apart. */
  readonly hash?: string;
  readonly apart?: boolean;
  /** The bucket that all routes of the hash were taken to have in common. */
  readonly parent?: string;
  /** For an unknown bucket: the routes whose hash would be its hash, first the one that waits. */
  readonly routes?: readonly string[];
  /**
   * What the bucket was called before its hash was known: another process may have a request under way there that finds
   * out about it. Left out once this process knows of the window.
   */
  readonly origin?: string;
  /** What it was called when this process spoke of it before, and others may wait for it, if its hash was not known. */
  readonly formerly?: string;
  /** Whether no window limits it, only what no header shows. */
  readonly isUnlimited?: boolean;
  /** Requests of this process under way, and those it may send. */
  readonly held: number | readonly MaskedCount[];
  /** Requests that wait; they replace what was asked for before. */
  readonly want?: readonly MaskedCount[];
  /** Whether the global limit does not count them. */
  readonly isExempt?: boolean;
  readonly reports?: readonly Report[];
  /** Sub-limits that this process learned or changed. */
  readonly subLimits?: readonly ToldSubLimit[];
  /** How many sub-limits of the bucket this process knows. */
  readonly subVersion: number;
}

/** What came of one request or of several. */
export interface Report {
  /** How many answers it stands for. Default 1. */
  readonly count?: number | undefined;
  /** How long ago, in ms. */
  readonly age: Duration;
  readonly limit?: number;
  readonly remaining?: number;
  readonly resetAfter?: Duration;
  readonly reset?: ServerInstant | undefined;
  readonly refused?: boolean | undefined;
  readonly route?: string;
  readonly kind?: 'f' | 's' | undefined;
  /** The store's time when the request was granted; left out when the store did not grant it. */
  readonly sent?: number | undefined;
  /** So many ended without telling whether they were counted. */
  readonly lost?: number;
  /** The sub-limits in which the request counts. */
  readonly mask?: number;
  /** Nothing may leave for so long. */
  readonly hold?: Duration;
}

/** A limit that no header shows. */
export interface ToldSubLimit {
  /** Left out where every request counts. */
  readonly fields?: readonly string[];
  readonly count: number;
  readonly period: Duration;
  readonly endsIn: Duration;
  readonly used: number;
  /** Whether the store knew it before. */
  readonly isRetold?: boolean;
}

/** What the store answers. */
export interface StoreReply {
  /** Its time, in ms. */
  readonly now: number;
  /** Another one than before: it has forgotten everything. */
  readonly epoch: string;
  /** Whether it did not reckon with this process, so that it has to be told of all that is under way. */
  readonly joined?: boolean;
  /** Whether a later exchange has arrived before, so that nothing was done. */
  readonly isStale?: boolean;
  /** How many processes it has heard of of late. */
  readonly processes: number;
  /** In the order of the request. */
  readonly buckets: readonly BucketReply[];
  /** Slots of the global limit that this process owns from now on: in how many ms each is free. */
  readonly slots?: readonly Duration[];
  /** Whether it wants more of them than there were, and will be told. */
  readonly hasUnmetDemand?: boolean;
  /** Others want slots: this process may keep what it uses, this many at most; one more until it has been used once. */
  readonly share?: number;
  /** What others have learned: holds as long as they last, the rest when this process joins or was mistaken. */
  readonly throttle?: Duration;
  readonly sharing?: StoreRequest['sharing'];
  readonly lock?: boolean;
  readonly webhooks?: StoreRequest['webhooks'];
}

/** What the store answers for a bucket. */
export interface BucketReply {
  readonly granted?: readonly MaskedCount[];
  /** Of a bucket whose routes count apart: whether the store knows its window. */
  readonly isInformed?: boolean;
  /** When to ask for what the window holds, in ms; -1: when there is news. */
  readonly wait?: number;
  /** The same for what sub-limits hold. */
  readonly subWait?: number;
  /** Whether other processes wait for the bucket, so that all that concerns it is to be told at once. */
  readonly isWanted?: boolean;
  readonly window?: ToldWindow;
  readonly heldFor?: Duration;
  readonly cautiousFor?: Duration;
  /** All sub-limits of the bucket, in the order of their bits. */
  readonly subLimits?: readonly ToldSubLimit[];
  /** Whether this process knows sub-limits that the store does not. */
  readonly lacksSubLimits?: boolean;
  /** An answer told the bucket hash of this route meanwhile; `''`: it has no limits. */
  readonly hash?: string;
  readonly route?: string;
}

/** A window as the store knows it from the answers to all processes. */
export interface ToldWindow {
  readonly kind: 'u' | 'f' | 's';
  readonly limit: number;
  readonly left: number;
  readonly resetIn: Duration;
  readonly server?: ServerInstant;
  readonly drain: Duration;
  readonly longest: Duration;
  readonly route: string;
}

/** What the store tells without being asked. */
export interface StoreNews {
  /** Buckets of which this process is to ask again, and in how many ms. */
  readonly wake?: readonly (readonly [bucket: string, wait: Duration])[];
  /** Buckets that others wait for. */
  readonly wanted?: readonly string[];
  /** Buckets that a refusal holds. */
  readonly held?: readonly string[];
  /** This process may ask for slots of the global limit. */
  readonly slots?: boolean;
  /** Others want slots: what each process may keep, as in {@link StoreReply}. */
  readonly share?: number;
  readonly routes?: StoreRequest['routes'];
  readonly sharing?: StoreRequest['sharing'];
  readonly throttle?: Duration;
  readonly lock?: boolean;
  readonly webhooks?: StoreRequest['webhooks'];
  /** News may have been missed: ask again for everything. */
  readonly isGap?: boolean;
}

/** The connection of a manager to what is shared of its IP address. */
export interface SharedAddress {
  /** Rejects in finite time when the store cannot be reached. */
  exchange(request: AddressRequest): Promise<AddressReply>;
  close(): void;
}

/** What a process tells of its address. */
export interface AddressRequest {
  /** Invalid answers since the last exchange, and how long ago they came. */
  readonly invalid: readonly (readonly [age: Duration, count: number])[];
  /** The server bans the address for so long. */
  readonly ban?: Duration;
  readonly period: Duration;
}

/** What the other processes of an address have counted. */
export interface AddressReply {
  /** Invalid answers, and how long ago they came at the latest. */
  readonly invalid: readonly (readonly [age: Duration, count: number])[];
  readonly bannedFor?: Duration;
  /** How many processes send from it. */
  readonly processes: number;
  /** How often anything was told. */
  readonly version: number;
}

/** What another process of the address has just told. */
export interface AddressNews extends Partial<Pick<AddressReply, 'invalid' | 'bannedFor' | 'version'>> {
  /** News may have been missed. */
  readonly isGap?: boolean;
}
