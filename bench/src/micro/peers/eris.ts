import { Client, SequentialBucket } from 'eris';
import type { MakeLimiter } from './limiter.js';
import { type SequentialBucketClass, SequentialBucketsLimiter } from './sequential-buckets.js';

/** The declared reference to a latency has fields that the bucket does not read. */
const BucketClass = SequentialBucket as unknown as SequentialBucketClass;

export const makeLimiter: MakeLimiter = async (channels) => new SequentialBucketsLimiter(channels, BucketClass);

/** The library's way from a path to the name of a bucket. */
export function makeRouter(): (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string) => string {
  const { requestHandler } = new Client('Bot token', { restMode: true, intents: 0 });
  return (method, path) => requestHandler.routefy(path, method);
}
