import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import { parseLimits } from '../rules/headers.js';
import { type Ending, sleep } from './abort.js';
import { Answer } from './answer.js';
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
 * Sends a request as often as the rules allow.
 *
 * @returns The last answer, read to its end, whatever its status.
 * @throws HTTPError when the last attempt had no answer; what {@link sendLimited} throws; the reason of the ending.
 */
export async function sendWithRetries(
  request: PreparedRequest,
  { manager, transport, random }: Sender,
  ending: Ending,
): Promise<Answer> {
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
    const answer = await new Exchange(wire, { transport, clock, timeout, ending }).send();
    // A write is repeated when its answer is lost midway, so no later one may leave before. What is repeated itself
    // leaves nothing behind that nobody reads.
    if (!isRead || answer.status >= 500) await answer.read();
    return answer;
  };
  const limited = {
    route: wire.route,
    acquire: request.acquire,
    get signal() {
      return ending.signal;
    },
    isRepeatable: request.hasRepeatableBody,
    send,
    repeatAfter,
  };
  for (;;) {
    const answer = await sendLimited(manager, limited);
    try {
      await answer.read();
      return answer;
    } catch (error) {
      const delay = repeatAfter(error);
      if (delay === undefined) throw error;
      await sleep(clock, delay, ending);
    }
  }
}

/** Failures that a repetition can help against. */
function failureOf(outcome: unknown): Pick<FailedAttempt, 'failure' | 'retryAfter'> | undefined {
  if (outcome instanceof HTTPError) return { failure: outcome.code };
  if (!(outcome instanceof Answer) || outcome.status < 500) return undefined;
  return { failure: 'SERVER_ERROR', retryAfter: outcome.status === 503 ? parseLimits(outcome).retryAfter : undefined };
}
