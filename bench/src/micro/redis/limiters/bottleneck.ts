import Bottleneck from 'bottleneck';
import { Redis } from 'ioredis';
import type { MakeSharedLimiter } from '../limiter.js';

/** A reservoir that is never used up, in a time that does not pass. */
const RESERVOIR = 1_000_000_000;
const REFRESH_INTERVAL = 3_600_000;

/**
 * A group with a limiter for each bucket, all on one connection: three script calls for each job (submit, register,
 * free), and one every five seconds for each existing limiter.
 */
export const makeLimiter: MakeSharedLimiter = async ({ url, prefix }) => {
  const { hostname: host, port } = new URL(url);
  const group = new Bottleneck.Group({
    id: prefix,
    datastore: 'ioredis',
    connection: new Bottleneck.IORedisConnection({ Redis, clientOptions: { host, port: Number(port) } }),
    reservoir: RESERVOIR,
    reservoirRefreshInterval: REFRESH_INTERVAL,
    reservoirRefreshAmount: RESERVOIR,
  });
  return { send: (bucket, onGo) => group.key(String(bucket)).schedule(async () => onGo()) };
};
