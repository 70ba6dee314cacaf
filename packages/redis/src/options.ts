import type { Cluster, Redis } from 'ioredis';

/** A client of `ioredis`: for a single server, Sentinel, or a Cluster. */
export type RedisClient = Redis | Cluster;

/** How limits are shared through Redis. */
export interface RedisCoordinatorOptions {
  /**
   * A client of `ioredis` (6 or later) whose settings are used, for Sentinel, Cluster, TLS or whatever else a URL cannot
   * say. It is only copied: the coordinator opens two connections of its own, and closes no other.
   */
  readonly client?: RedisClient;
  /** `redis://` or `rediss://` (TLS), with user, password and database if need be. Default `redis://127.0.0.1:6379`. */
  readonly url?: string;
  /** What all keys and channels begin with. Only processes with the same prefix share limits. Default `sluice:`. */
  readonly prefix?: string;
  /**
   * What becomes of requests while Redis cannot be reached: each process goes on with its share of the limits (`local`),
   * or rejects them with `CoordinatorUnavailableError`. Default `local`.
   */
  readonly onUnavailable?: 'local' | 'reject';
  /** How long a call may take before Redis counts as unavailable, in ms. Default 1,000. */
  readonly timeout?: number;
  /** How long a process that is not heard of keeps what it was granted, in ms; at least 1,000. Default 10,000. */
  readonly lease?: number;
  /** How long a bucket is remembered after it last mattered, in ms. Default 600,000. */
  readonly expireAfter?: number;
  /** How many processes to reckon with as long as Redis has not told. Default 1. */
  readonly processes?: number;
  /**
   * Names the IP address that this process sends from: those with the same name count their invalid requests together.
   * Default `default`, as if all sent from one.
   */
  readonly egress?: string;
}

/** The options with their defaults. */
export type RedisSettings = Required<Omit<RedisCoordinatorOptions, 'client'>> & Pick<RedisCoordinatorOptions, 'client'>;

/** @throws TypeError or RangeError that names the option, and never shows a password. */
export function readOptions(options: RedisCoordinatorOptions): RedisSettings {
  const { client, url, prefix = 'sluice:', onUnavailable = 'local', egress = 'default' } = options;
  const { timeout = 1_000, lease = 10_000, expireAfter = 600_000, processes = 1 } = options;
  if (client !== undefined && url !== undefined) throw new TypeError('give either client or url, not both');
  if (client !== undefined && typeof client.duplicate !== 'function') {
    throw new TypeError('client must be a Redis or Cluster of ioredis');
  }
  if (url !== undefined) checkURL(url);
  for (const [name, value] of Object.entries({ prefix, egress })) checkName(name, value);
  if (onUnavailable !== 'local' && onUnavailable !== 'reject') {
    throw new TypeError(`onUnavailable must be 'local' or 'reject', not ${String(onUnavailable)}`);
  }
  checkTime('timeout', timeout, 1);
  checkTime('lease', lease, 1_000);
  checkTime('expireAfter', expireAfter, 0);
  if (!(Number.isInteger(processes) && processes >= 1)) {
    throw new RangeError(`processes must be a whole number from 1 on, not ${String(processes)}`);
  }
  return {
    ...(client && { client }),
    url: url ?? 'redis://127.0.0.1:6379',
    prefix,
    onUnavailable,
    timeout,
    lease,
    expireAfter,
    processes,
    egress,
  };
}

function checkURL(url: unknown): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^rediss?:$/.test(parsed.protocol)) {
    throw new TypeError('url must be a redis:// or rediss:// URL');
  }
}

/** Braces would move keys of one authentication to different slots of a Cluster. */
function checkName(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || /[{}\s]/.test(value)) {
    throw new TypeError(`${name} must be a string that is not empty, without braces and white space`);
  }
}

function checkTime(name: string, value: number, least: number): void {
  if (!(value >= least && value <= 2 ** 31 - 1)) {
    throw new RangeError(`${name} must be a time in ms from ${least} on, not ${String(value)}`);
  }
}
