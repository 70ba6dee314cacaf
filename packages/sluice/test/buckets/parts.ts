import { BucketSet } from '../../src/buckets/bucket-set.js';
import type { Exclusion } from '../../src/buckets/concurrency.js';
import { InFlight } from '../../src/buckets/in-flight.js';
import { QueuedRequest, type RequestDescription } from '../../src/buckets/queued-request.js';
import { Waiting } from '../../src/buckets/waiting.js';
import { history } from './requests.js';

type Node = Parameters<InFlight['add']>[0];

/** A request as the parts of a bucket know it. */
export function description(more: Partial<RequestDescription> = {}): RequestDescription {
  const route = history();
  return { route, priority: 0, sequence: 0, exclusion: 'none', isExempt: false, fields: [], ...more };
}

/** An empty list of requests in flight. */
export function inFlight(): InFlight {
  return new InFlight();
}

/** A request in flight. */
export function node(exclusion: Exclusion, more: Partial<Pick<Node, 'isEnded' | 'isAnswered'>> = {}): Node {
  return { description: description({ exclusion }), isEnded: false, isAnswered: false, ...more } as Node;
}

/** The waiting requests of a bucket: none. */
export function waiting(): Waiting {
  return new Waiting();
}

/** A waiting request. */
export function queued(sequence: number, priority = 0): QueuedRequest {
  return new QueuedRequest(description({ sequence, priority }), undefined);
}

/** The buckets of one hash, or of a route or pair of routes without one. */
export function bucketSet(key: { hash?: string; route?: string }, identity: string, digest = 'digest'): BucketSet {
  const owner = { digest } as ConstructorParameters<typeof BucketSet>[0];
  return new BucketSet(owner, { hash: key.hash, route: key.route }, identity);
}
