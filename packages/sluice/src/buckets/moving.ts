import type { LocalInstant } from '../rules/units.js';
import type { Bucket, BucketGroup } from './bucket.js';
import type { Dispatcher } from './dispatcher.js';
import type { Turns } from './turns.js';

/** A bucket belongs to another group from now on. */
export function moveTo(bucket: Bucket, group: BucketGroup, turns: Turns): void {
  bucket.group = group;
  if (!group.isUnknown) bucket.state.isUnlimited = false;
  turns.moved(bucket);
}

/** The requests of a route that wait or are in flight in one bucket go on in another, in order. */
export function absorb(
  to: Bucket,
  from: Bucket,
  identity: string,
  now: LocalInstant,
  { turns, dispatcher }: { turns: Turns; dispatcher: Dispatcher },
): void {
  takeRequests(to, from, identity, now);
  if (from.waiting?.queue.isEmpty) dispatcher.stopWaiting(from);
  turns.moved(from);
  turns.moved(to);
}

/** A bucket goes on with what another one knows of a route alone, if anything. */
export function adopt(to: Bucket, from: Bucket, identity: string): void {
  const window = from.state.windowOf(identity);
  if (window) to.state.adopt(identity, window);
}

/** A bucket goes on with all that another one knows, for a route that was answered there. */
export function adoptAll(to: Bucket, from: Bucket, identity: string): void {
  if (from.state.windowOf(identity)) to.state.adopt(identity, from.state);
}

function takeRequests(to: Bucket, from: Bucket, identity: string, now: LocalInstant): void {
  to.state.inherit(from.state);
  const isOfRoute = ({ route }: { route: { identity: string } }) => route.identity === identity;
  for (const permit of [...(from.permits ?? [])].filter(isOfRoute)) {
    from.untrack(permit, true, now);
    to.track(permit);
  }
  const theirs = from.waiting;
  if (theirs === undefined) return;
  const { queue, parked } = to.openWaiting();
  for (const request of queue.absorb(theirs.queue, isOfRoute)) request.bucket = to;
  for (const request of [...theirs.parked].filter(isOfRoute)) {
    theirs.parked.delete(request);
    parked.add(request);
    request.bucket = to;
  }
}
