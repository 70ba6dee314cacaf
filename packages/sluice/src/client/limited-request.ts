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

interface Answer {
  readonly response: Response;
  readonly isRefused: boolean;
}

/**
 * The way of one request: waits for its permit, sends it, tells the permit what came of it; and again for as long as
 * the server refuses it for a rate limit (429) and it can be sent again. The permit ends exactly once, whatever fails.
 *
 * @returns The answer, of any status. That of a refusal is a copy, as its body was read.
 * @throws RateLimitTooLongError, QueueFullError, LimiterClosedError, the signal's reason, and whatever `send` throws.
 */
export async function sendLimited(
  manager: Pick<RESTBucketManager, 'acquire'>,
  request: LimitedRequest,
): Promise<Response> {
  let permit = await manager.acquire(request.route, request.acquire);
  for (;;) {
    const { response, isRefused } = await sendOnce(permit, request);
    if (!(isRefused && request.isRepeatable)) return response;
    permit = await permit.retry({ signal: request.acquire.signal });
  }
}

async function sendOnce(permit: Permit, request: LimitedRequest): Promise<Answer> {
  const { signal } = request.acquire;
  if (signal?.aborted) {
    permit.cancel('unsent');
    throw signal.reason;
  }
  try {
    const response = await request.send();
    if (response.status === 429) return await refused(permit, response, signal);
    permit.complete(response);
    return { response, isRefused: false };
  } catch (error) {
    if (!permit.isEnded) permit.cancel(signal?.aborted ? 'abandoned' : transportFailure(error));
    throw error;
  }
}

/** The body of a refusal tells which limit it was; without it, the headers have to do. */
async function refused(permit: Permit, response: Response, signal: AbortSignal | undefined): Promise<Answer> {
  const { status, statusText, headers } = response;
  const body = await response.text().catch(() => undefined);
  permit.complete({ status, headers, body });
  signal?.throwIfAborted();
  return { response: new Response(body ?? null, { status, statusText, headers }), isRefused: true };
}
