import { RedisCoordinator } from '@sluice/redis';
import { RESTClient } from 'sluice';
import { type ArenaClient, TOKEN } from './client.js';
import { sendThrough } from './sluice.js';
import './node-fetch.js';

/** The same as `sluice`, with limits shared by all processes that use the same Redis. */
export function createClient(origin: string, redis?: string): ArenaClient {
  if (redis === undefined) throw new Error('sluice-redis needs a Redis');
  const coordinator = new RedisCoordinator({ url: redis });
  const client = new RESTClient({ token: TOKEN, baseURL: `${origin}/api/v10`, coordinator });
  return {
    send: sendThrough(client),
    close(): void {
      client.close();
      void coordinator.close();
    },
  };
}
