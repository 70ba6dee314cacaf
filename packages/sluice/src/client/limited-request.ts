import { isWebhook } from '../buckets/credential-locks.js';
import type { Permit } from '../buckets/permit.js';
import type { ManagerAcquireOptions, RESTBucketManager } from '../buckets/rest-bucket-manager.js';
import type { CompiledRoute } from '../routes/route.js';
import { transportFailure } from './transport-failure.js';

/** A request that is to be sent under the limits. */
export interface LimitedRequest {
  readonly route: CompiledRoute;
  /** How it asks for its permit. Its `signal` ends it wherever it is. */
  readonly acquire: ManagerAcquireOptions;
  /** Whether `send` can be called again after a refusal. */
  readonly isRepeatable: boolean;
  /** Sends the request; fulfils as soon as the headers of the answer are here. */
  send(): Promise<Response>;
}

/**
 * The way of one request: waits for its permit, sends it, tells the permit what came of it; and again for as long as
 * the server refuses it for a rate limit (429) and it can be sent again. The permit ends exactly once, whatever fails.
 *
 * @returns The answer, of any status. Where the limiter has to read the body, it is a copy.
 * @throws Whatever `manager.acquire` and `send` throw, and the signal's reason.
 */
export async function sendLimited(
  manager: Pick<RESTBucketManager, 'acquire'>,
  request: LimitedRequest,
): Promise<Response> {
  let permit = await manager.acquire(request.route, request.acquire);
  for (;;) {
    const response = await sendOnce(permit, request);
    if (!(response.status === 429 && request.isRepeatable)) return response;
    permit = await permit.retry({ signal: request.acquire.signal });
  }
}

async function sendOnce(permit: Permit, request: LimitedRequest): Promise<Response> {
  const { signal } = request.acquire;
  if (signal?.aborted) {
    permit.cancel('unsent');
    throw signal.reason;
  }
  try {
    const response = await request.send();
    if (hasTellingBody(request.route, response)) return await completeWithBody(permit, response, signal);
    permit.complete(response);
    return response;
  } catch (error) {
    if (!permit.isEnded) permit.cancel(signal?.aborted ? 'abandoned' : transportFailure(error));
    throw error;
  }
}

/** Whether the limiter has to know the body: it tells which limit refused, or whether a webhook is gone. */
function hasTellingBody(route: CompiledRoute, { status }: Response): boolean {
  return status === 429 || (status === 404 && isWebhook(route));
}

/** Without its body, the headers have to do. */
async function completeWithBody(
  permit: Permit,
  response: Response,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const { status, statusText, headers } = response;
  const body = await response.text().catch(() => undefined);
  permit.complete({ status, headers, body });
  signal?.throwIfAborted();
  return new Response(body ?? null, { status, statusText, headers });
}
