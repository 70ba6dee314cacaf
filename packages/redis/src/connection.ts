import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisClient, RedisSettings } from './options.js';

/** The longest time between two attempts to connect, in ms. */
const LONGEST_RETRY = 1_000;

/** Nothing is kept back to be sent later: the limiter knows better what to do, and asks anew. */
function commandSettings(timeout: number) {
  return {
    commandTimeout: timeout,
    connectTimeout: Math.max(timeout, 1_000),
    autoResendUnfulfilledCommands: false,
    lazyConnect: false,
    maxRetriesPerRequest: 0,
    // After a fail-over, the server that was connected may have become a replica.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions;
}

const retryStrategy = (attempt: number) => Math.min(LONGEST_RETRY, 50 * attempt);

/** A connection with these settings, and without those of the client that would hold commands back. */
export function connect({ client, url, timeout }: RedisSettings): RedisClient {
  const settings = commandSettings(timeout);
  if (client instanceof Cluster) {
    return client.duplicate([], {
      enableOfflineQueue: false,
      lazyConnect: false,
      clusterRetryStrategy: retryStrategy,
      shardedSubscribers: true,
      redisOptions: { ...client.options.redisOptions, ...settings },
    } as Parameters<typeof client.duplicate>[1]);
  }
  const single = { ...settings, enableOfflineQueue: false, retryStrategy };
  return client === undefined ? new Redis(url, single) : client.duplicate(single);
}

/** Fulfils once commands can be sent; rejects after `timeout` ms. */
export function whenReady(client: RedisClient, timeout: number): Promise<void> {
  if (client.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    let latest = new Error(`Redis did not answer within ${timeout} ms`);
    const onError = (error: Error) => {
      latest = error;
    };
    const settle = (action: () => void) => {
      clearTimeout(timer);
      client.off('ready', onReady);
      client.off('error', onError);
      client.off('end', onEnd);
      action();
    };
    const onReady = () => settle(resolve);
    const onEnd = () => settle(() => reject(new Error('The connection to Redis was closed')));
    const timer = setTimeout(() => settle(() => reject(latest)), timeout);
    client.on('ready', onReady);
    client.on('error', onError);
    client.on('end', onEnd);
  });
}
