import type { Finding } from '../rules/bucket-state.js';
import type { ResponseLimits } from '../rules/headers.js';
import type { LocalInstant } from '../rules/units.js';
import type { Bucket } from './bucket.js';
import type { BucketContext } from './bucket-context.js';
import type { AnsweredRequest } from './turns.js';

/** A bucket learns from the response to one of its requests that has ended. */
export function learnAnswer(
  bucket: Bucket,
  request: AnsweredRequest,
  limits: ResponseLimits,
  now: LocalInstant,
  { order, turns }: Pick<BucketContext, 'order' | 'turns'>,
): Finding {
  const { state } = bucket;
  const refused = limits.status === 429;
  if (limits.known === undefined) {
    // The server may have counted the request although its response does not say so.
    if (!refused && !request.isAnswered) lose(bucket, now, turns);
    return 'none';
  }
  const { sentAt, departure, route } = request;
  const observation = {
    headers: limits.known,
    sentAt,
    receivedAt: now,
    departure,
    departures: order.departed,
    route: route.identity,
    refused,
  };
  const finding = state.learn(observation, bucket.unanswered);
  // Where processes share the limits, use by others is expected, and the store knows all of it.
  if (finding === 'contended' && !turns.isShared) state.beCautious(now);
  return finding;
}

/** A request of the bucket has ended, and whether the server counted it is not known. */
export function lose(bucket: Bucket, now: LocalInstant, turns: BucketContext['turns']): void {
  bucket.state.lose(now);
  turns.lost(bucket, now);
}
