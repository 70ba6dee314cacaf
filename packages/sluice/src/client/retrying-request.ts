import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import { parseLimits } from '../rules/headers.js';
import { type AbortScope, sleep } from './abort.js';
import { Attempt } from './attempt.js';
import { BufferedResponse } from './buffered-response.js';
import { HTTPError } from './errors.js';
import { sendLimited } from './limited-request.js';
import type { PreparedRequest } from './prepared-request.js';
import { type FailedAttempt, retryDelay } from './retry.js';
import type { Fetch } from './transport.js';

/** The dependencies of sending a request. */
export interface Sender {
  readonly manager: RESTBucketManager;
  readonly transport: Fetch;
  readonly random: () => number;
}

/**
 * Sends a request, and sends it again after failures as {@link retryDelay} decides.
 *
 * @returns The last response, whatever its status. Its body has been read.
 * @throws HTTPError when the last attempt had no response; the errors of {@link sendLimited}; the reason of an abort.
 */
export async function sendWithRetries(
  request: PreparedRequest,
  { manager, transport, random }: Sender,
  scope: AbortScope,
): Promise<BufferedResponse> {
  const { clock, maxRateLimit: longestWait } = manager;
  const { wire, timeout } = request;
  const { method } = wire.route;
  const isRead = method === 'GET' || method === 'HEAD';
  let attempt = 0;
  const repeatAfter = (outcome: unknown) => {
    const failed = failureOf(outcome);
    return failed && retryDelay({ attempt: attempt++, method, ...failed }, { ...request, longestWait }, random);
  };
  const send = async () => {
    const response = await new Attempt(wire, { transport, clock, timeout, scope }).send();
    // A write is sent again when its response breaks off, so it keeps its permit until the body is read: no later write
    // may overtake it. A failed response is read as well, because an unread body would keep its connection.
    if (!isRead || response.status >= 500) await response.read();
    return response;
  };
  const limited = {
    route: wire.route,
    acquire: request.acquire,
    get signal() {
      return scope.signal;
    },
    isRepeatable: request.hasRepeatableBody,
    send,
    repeatAfter,
  };
  for (;;) {
    const response = await sendLimited(manager, limited);
    try {
      await response.read();
      return response;
    } catch (error) {
      const delay = repeatAfter(error);
      if (delay === undefined) throw error;
      await sleep(clock, delay, scope);
    }
  }
}

/** The failure of an attempt; `undefined` when another attempt cannot help. */
function failureOf(outcome: unknown): Pick<FailedAttempt, 'failure' | 'retryAfter'> | undefined {
  if (outcome instanceof HTTPError) return { failure: outcome.code };
  if (!(outcome instanceof BufferedResponse) || outcome.status < 500) return undefined;
  return { failure: 'SERVER_ERROR', retryAfter: outcome.status === 503 ? parseLimits(outcome).retryAfter : undefined };
}
