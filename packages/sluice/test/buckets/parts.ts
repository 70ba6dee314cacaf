import { Bucket, type BucketGroup, type Desk, PermitRequest } from '../../src/buckets/bucket.js';
import { BucketSet } from '../../src/buckets/bucket-set.js';
import type { Exclusion } from '../../src/buckets/exclusion.js';
import { InFlight } from '../../src/buckets/in-flight.js';
import type { RequestDescription } from '../../src/buckets/request-description.js';
import { Waiting } from '../../src/buckets/waiting.js';
import { history } from './requests.js';

/** A bucket that no desk works on. */
const BUCKET = new Bucket({} as BucketGroup, history());

/** A request, without a place to wait or to count in. */
function request(description: Partial<RequestDescription> = {}): PermitRequest {
  const route = history();
  const usual = { route, priority: 0, sequence: 0, exclusion: 'none', isExempt: false, fields: [] } as const;
  return new PermitRequest(BUCKET, { ...usual, ...description });
}

/** An empty list of requests in flight. */
export function inFlight(): InFlight<PermitRequest> {
  return new InFlight();
}

/** A request in flight. */
export function node(
  exclusion: Exclusion,
  more: Partial<Pick<PermitRequest, 'isEnded' | 'isAnswered'>> = {},
): PermitRequest {
  return Object.assign(request({ exclusion }), more);
}

/** The waiting requests of a bucket: none. */
export function waiting(): Waiting<PermitRequest> {
  return new Waiting();
}

/** A waiting request. */
export function queued(sequence: number, priority = 0): PermitRequest {
  return request({ sequence, priority });
}

/** The buckets of one hash, or of a route or pair of routes without one. */
export function bucketSet(key: { hash?: string; route?: string }, identity: string, digest = 'digest'): BucketSet {
  return new BucketSet({} as Desk, digest, { hash: key.hash, route: key.route }, identity);
}
