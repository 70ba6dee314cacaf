import type { Observation } from '../../src/rules/window.js';

/** An answer as the tests of this folder write it: all on the server's clock, with its delays on the way. */
export interface Answer {
  /** When the server answered, on its own clock, whose zero is the local one's. */
  readonly at: number;
  readonly limit: number;
  readonly remaining: number;
  /** When the window resets, on the same clock. */
  readonly reset: number;
  readonly delayOut?: number;
  readonly delayBack?: number;
  readonly route?: string;
  /** Place in the order of departure. Default: when it left, in ms, as if one request left every millisecond. */
  readonly departure?: number;
  readonly refused?: boolean;
  /** Whether the server tells its own instant, too. Default true. */
  readonly tellsReset?: boolean;
}

/** The server's clock is far from the local one. */
export const EPOCH = 1_700_000_000_000;

/** What arrives here of an answer. */
export function observation(answer: Answer): Observation {
  const {
    at,
    limit,
    remaining,
    reset,
    delayOut = 30,
    delayBack = 30,
    route = 'GET /a',
    refused = false,
    departure = at - delayOut,
  } = answer;
  return {
    headers: {
      bucket: 'hash',
      limit,
      remaining,
      resetAfter: reset - at,
      ...(answer.tellsReset === false ? {} : { reset: EPOCH + reset }),
    },
    sentAt: at - delayOut,
    receivedAt: at + delayBack,
    departure,
    departures: at + delayBack,
    route,
    refused,
  };
}
