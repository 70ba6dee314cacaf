import type { RESTBucket as Bucket, RESTBucketOptions } from './buckets/rest-bucket.js';
import { SoloBucket } from './buckets/solo-bucket.js';
import type { Clock } from './clock/clock.js';
import { systemClock as machineClock } from './clock/system-clock.js';
import { AddressGate } from './gates/address-gate.js';
import type { InvalidRequestGuard as Guard, InvalidRequestGuardOptions } from './gates/invalid-request-guard.js';

// Values that are published under their public types. The classes behind them are not published.

export type RESTBucket = Bucket;
/** A bucket without a manager. Those of a manager are instances, too. */
export const RESTBucket: new (options: RESTBucketOptions) => RESTBucket = SoloBucket;

export type InvalidRequestGuard = Guard;
/** @throws TypeError or RangeError that names the option, when one is not as documented. */
export const InvalidRequestGuard: new (options?: InvalidRequestGuardOptions) => InvalidRequestGuard = AddressGate;

/** The machine's monotonic clock: the default of every option `clock`. */
export const systemClock: Clock = machineClock;
