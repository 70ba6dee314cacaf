import type { RESTBucket as Bucket, RESTBucketOptions } from './buckets/rest-bucket.js';
import { SoloBucket } from './buckets/solo-bucket.js';
import { AddressGate } from './gates/address-gate.js';
import type { InvalidRequestGuard as Guard, InvalidRequestGuardOptions } from './gates/invalid-request-guard.js';

// Public types that users also construct. The classes behind them are no part of what is published.

export type RESTBucket = Bucket;
/** A bucket without a manager. Those of a manager are instances, too. */
export const RESTBucket: new (options: RESTBucketOptions) => RESTBucket = SoloBucket;

export type InvalidRequestGuard = Guard;
/** @throws TypeError or RangeError that names the option, when one is not as documented. */
export const InvalidRequestGuard: new (options?: InvalidRequestGuardOptions) => InvalidRequestGuard = AddressGate;
