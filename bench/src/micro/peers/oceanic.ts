import { Client, SequentialBucket } from 'oceanic.js';
import type { MakeLimiter } from './limiter.js';
import { type SequentialBucketClass, SequentialBucketsLimiter } from './sequential-buckets.js';

/** Its declared reference to a latency has fields that the bucket does not read. */
const BucketClass = SequentialBucket as unknown as SequentialBucketClass;

export const makeLimiter: MakeLimiter = async (channels) => new SequentialBucketsLimiter(channels, BucketClass);

/** What only its types call private. */
interface Router {
  getRoute(path: string, method: string): string;
}

/** Its way from a path to the name of a bucket. */
export function makeRouter(): (method: string, path: string) => string {
  const handler = new Client({ auth: 'Bot token' }).rest.handler as unknown as Router;
  return (method, path) => handler.getRoute(path, method);
}
