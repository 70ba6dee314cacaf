import type { Permit } from '../buckets/rest-bucket.js';
import { isWebhook } from '../gates/credential-locks.js';
import type { ManagerAcquireOptions, RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import type { Duration } from '../rules/units.js';
import { Answer } from './answer.js';
import { transportFailure } from './transport-failure.js';

/** A request that is to be sent under the limits. */
export interface LimitedRequest {
  readonly route: CompiledRoute;
  /** How it asks for its permit. */
  readonly acquire: Omit<ManagerAcquireOptions, 'signal'>;
  /** Ends it wherever it is. It is asked for anew each time, as `send` may use up one. */
  readonly signal: AbortSignal | undefined;
  /** Whether `send` can be called again after a refusal. */
  readonly isRepeatable: boolean;
  /** Sends the request; fulfils as soon as the headers of the answer are here, or later. */
  send(): Promise<Answer>;
  /**
   * How long after this answer, or error, the request is to be sent again, in ms; `undefined`: it is not, which is what
   * holds without this function. Refusals (429) are not asked about.
   */
  readonly repeatAfter?: (outcome: unknown) => Duration | undefined;
}

/**
 * The way of one request: waits for its permit, sends it, tells the permit what came of it; and again for as long as
 * the server refuses it for a rate limit (429), or it fails and is to be repeated. It keeps its place in the order all
 * the time. The permit ends exactly once, whatever fails.
 *
 * @returns The answer, of any status. Its body has been read where the limiter has to know it.
 * @throws Whatever `manager.acquire` and `send` throw, and the signal's reason.
 */
export async function sendLimited(
  manager: Pick<RESTBucketManager, 'acquire'>,
  request: LimitedRequest,
): Promise<Answer> {
  let permit = await manager.acquire(request.route, { signal: request.signal, ...request.acquire });
  for (;;) {
    const outcome = await sendOnce(permit, request);
    if (outcome instanceof Answer) return outcome;
    permit = outcome;
  }
}

/** Returns the answer, or the permit to send the request again. */
async function sendOnce(permit: Permit, request: LimitedRequest): Promise<Answer | Permit> {
  if (request.signal?.aborted) {
    permit.cancel('unsent');
    throw request.signal.reason;
  }
  try {
    return await answered(permit, request, await request.send());
  } catch (error) {
    if (permit.isEnded) throw error;
    return failed(permit, request, error);
  }
}

function failed(permit: Permit, { signal, repeatAfter }: LimitedRequest, error: unknown): Promise<Permit> {
  const reason = signal?.aborted ? 'abandoned' : transportFailure(error);
  const delay = signal?.aborted ? undefined : repeatAfter?.(error);
  if (delay !== undefined) return permit.repeat(reason, { delay, signal });
  permit.cancel(reason);
  throw error;
}

async function answered(permit: Permit, request: LimitedRequest, answer: Answer): Promise<Answer | Permit> {
  const { status, headers } = answer;
  const delay = status === 429 ? undefined : request.repeatAfter?.(answer);
  if (delay !== undefined) return permit.repeat(answer, { delay, signal: request.signal });
  if (!hasTellingBody(request.route, answer)) {
    permit.complete(answer);
    return answer;
  }
  // Without its body, the headers have to do.
  const body = await answer.text().catch(() => undefined);
  permit.complete({ status, headers, body });
  request.signal?.throwIfAborted();
  return status === 429 && request.isRepeatable ? permit.retry({ signal: request.signal }) : answer;
}

/** Whether the limiter has to know the body: it tells which limit refused, or whether a webhook is gone. */
function hasTellingBody(route: CompiledRoute, { status }: Answer): boolean {
  return status === 429 || (status === 404 && isWebhook(route));
}
