import type { RESTBucketManager } from '../buckets/rest-bucket-manager.js';
import { parseLimits } from '../rules/headers.js';
import { sleep } from './abort.js';
import { readToEnd } from './answer.js';
import { HTTPError } from './errors.js';
import { Exchange } from './exchange.js';
import { sendLimited } from './limited-request.js';
import type { PreparedRequest } from './prepared-request.js';
import { type FailedAttempt, retryDelay } from './retry.js';
import type { Fetch } from './transport.js';

/** What requests are sent with. */
export interface Sender {
  readonly manager: RESTBucketManager;
  readonly transport: Fetch;
  readonly random: () => number;
}

/**
 * Sends a request as often as the rules allow, each time with a new permit.
 *
 * @returns The last answer, read to its end, whatever its status.
 * @throws HTTPError when the last attempt had no answer; what {@link sendLimited} throws; the signal's reason.
 */
export async function sendWithRetries(
  request: PreparedRequest,
  { manager, transport, random }: Sender,
  signal: AbortSignal,
): Promise<Response> {
  const { clock, maxRateLimit: longestWait } = manager;
  const { wire, timeout } = request;
  const attemptOnce = () =>
    sendLimited(manager, {
      route: wire.route,
      acquire: { ...request.acquire, signal },
      isRepeatable: request.hasRepeatableBody,
      send: () => new Exchange(wire, { transport, clock, timeout, signal }).send(),
    });
  for (let attempt = 0; ; attempt++) {
    const outcome = await outcomeOf(attemptOnce);
    const failed = failureOf(outcome);
    const delay =
      failed && retryDelay({ attempt, method: wire.route.method, ...failed }, { ...request, longestWait }, random);
    if (delay === undefined) return answerOf(outcome);
    await sleep(clock, delay, signal);
  }
}

/** Errors that a repetition can help against are outcomes; all others are thrown. */
async function outcomeOf(attemptOnce: () => Promise<Response>): Promise<Response | HTTPError> {
  try {
    return await readToEnd(await attemptOnce());
  } catch (error) {
    if (error instanceof HTTPError) return error;
    throw error;
  }
}

function failureOf(outcome: Response | HTTPError): Pick<FailedAttempt, 'failure' | 'retryAfter'> | undefined {
  if (outcome instanceof HTTPError) return { failure: outcome.code };
  if (outcome.status < 500) return undefined;
  return { failure: 'SERVER_ERROR', retryAfter: outcome.status === 503 ? parseLimits(outcome).retryAfter : undefined };
}

function answerOf(outcome: Response | HTTPError): Response {
  if (outcome instanceof HTTPError) throw outcome;
  return outcome;
}
