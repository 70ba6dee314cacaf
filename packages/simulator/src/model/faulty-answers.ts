import { STATUS_CODES } from 'node:http';
import { type Answer, errorAnswer, pageAnswer } from './answers.js';
import type { Fault } from './faults.js';
import { fuzzHeaders } from './fuzz-headers.js';
import { gatewayPage } from './html-pages.js';

const BAD_GATEWAY = 502;
/** The headers of the true response that a faulty response keeps. */
const STATE_HEADERS = /^x-ratelimit-(?:limit|remaining|reset|reset-after|bucket)$/;
const LIMIT_HEADERS = /^(?:x-ratelimit-.*|retry-after)$/;

/**
 * The response that a fault leaves. Faults of the connection leave it unchanged: the caller has to carry them out.
 *
 * @param random - returns numbers from 0 up to but not including 1
 */
export function faultyAnswer(answer: Answer, fault: Fault, random: () => number): Answer {
  switch (fault.kind) {
    case 'malformed':
      return {
        ...answer,
        headers: { ...headersWhere(answer, (name) => !LIMIT_HEADERS.test(name)), ...fuzzHeaders(random) },
      };
    case 'status':
      return statusAnswer(answer, fault.status, fault.headers !== 'none');
    case 'gateway': {
      const { status = BAD_GATEWAY } = fault;
      return pageAnswer(status, gatewayPage(status, STATUS_CODES[status] ?? 'Error'));
    }
    default:
      return answer;
  }
}

function statusAnswer(answer: Answer, status: number, hasLimits: boolean): Answer {
  const { headers, body } = errorAnswer(status);
  const limits = hasLimits ? headersWhere(answer, (name) => STATE_HEADERS.test(name)) : {};
  return { status, headers: { ...headers, ...limits }, body };
}

function headersWhere({ headers }: Answer, keep: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => keep(name)));
}
