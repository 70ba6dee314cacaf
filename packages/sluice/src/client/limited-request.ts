import type { Permit } from '../buckets/rest-bucket.js';

import type { ManagerAcquireOptions, RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import { isWebhook } from '../routes/webhook.js';
import type { Duration } from '../rules/units.js';
import { BufferedResponse } from './buffered-response.js';
import { transportFailure } from './transport-failure.js';

/** A request to send under the limits. */
export interface LimitedRequest {
  readonly route: CompiledRoute;
  /** Options for acquiring the permit. */
  readonly acquire: Omit<ManagerAcquireOptions, 'signal'>;
  /** Ends the request in whatever state it is. It is read each time, because `send` may replace the signal. */
  readonly signal: AbortSignal | undefined;
  /** Whether `send` can be called again after a refusal. */
  readonly isRepeatable: boolean;
  /** Sends the request. Resolves when the headers of the response have been received, or later. */
  send(): Promise<BufferedResponse>;
  /**
   * How long to wait before the request is sent again after this response or error, in ms; `undefined` to give up.
   * Without this function, every request gives up. It is not called for refusals (429).
   */
  readonly repeatAfter?: (outcome: unknown) => Duration | undefined;
}

/**
 * Sends a request under the limits: waits for a permit, sends the request and completes the permit with the outcome. It
 * repeats this as long as the server refuses the request for a rate limit (429), and as long as `repeatAfter` asks for
 * it. The request keeps its place in the order throughout. The permit ends exactly once, whatever fails.
 *
 * @returns The response, whatever its status. Its body has been read if the limiter needs it.
 * @throws The errors of `manager.acquire` and `send`; the signal's reason.
 */
export async function sendLimited(
  manager: Pick<RESTBucketManager, 'acquire'>,
  request: LimitedRequest,
): Promise<BufferedResponse> {
  let permit = await manager.acquire(request.route, { signal: request.signal, ...request.acquire });
  for (;;) {
    const outcome = await sendOnce(permit, request);
    if (outcome instanceof BufferedResponse) return outcome;
    permit = outcome;
  }
}

/** Returns the response, or the permit to send the request again. */
async function sendOnce(permit: Permit, request: LimitedRequest): Promise<BufferedResponse | Permit> {
  if (request.signal?.aborted) {
    permit.cancel('unsent');
    throw request.signal.reason;
  }
  try {
    return await completed(permit, request, await request.send());
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

async function completed(
  permit: Permit,
  request: LimitedRequest,
  response: BufferedResponse,
): Promise<BufferedResponse | Permit> {
  const { status, headers } = response;
  const delay = status === 429 ? undefined : request.repeatAfter?.(response);
  if (delay !== undefined) return permit.repeat(response, { delay, signal: request.signal });
  if (!needsBody(request.route, response)) {
    permit.complete(response);
    return response;
  }
  // If the body is cut off, the headers have to suffice.
  const body = await response.text().catch(() => undefined);
  permit.complete({ status, headers, body });
  request.signal?.throwIfAborted();
  return status === 429 && request.isRepeatable ? permit.retry({ signal: request.signal }) : response;
}

/** Whether the limiter needs the body, which shows which limit refused the request, or whether a webhook is gone. */
function needsBody(route: CompiledRoute, { status }: BufferedResponse): boolean {
  return status === 429 || (status === 404 && isWebhook(route));
}
