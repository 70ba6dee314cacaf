import { Client, SequentialBucket } from 'oceanic.js';
import type { MakeLimiter } from './limiter.js';
import { type SequentialBucketClass, SequentialBucketsLimiter } from './sequential-buckets.js';

/** The declared reference to a latency has fields that the bucket does not read. */
const BucketClass = SequentialBucket as unknown as SequentialBucketClass;

export const makeLimiter: MakeLimiter = async (channels) => new SequentialBucketsLimiter(channels, BucketClass);

/** Members that are private only in the types. */
interface Router {
  getRoute(path: string, method: string): string;
}

/** The library's way from a path to the name of a bucket. */
export function makeRouter(): (method: string, path: string) => string {
  const handler = new Client({ auth: 'Bot token' }).rest.handler as unknown as Router;
  return (method, path) => handler.getRoute(path, method);
}
