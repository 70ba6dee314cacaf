import type { Observation } from '../../src/rules/window.js';

/** A response as the tests of this folder describe it: instants on the server's clock, and network delays. */
export interface Answer {
  /** When the server responded, on a clock that starts with the local one. */
  readonly at: number;
  readonly limit: number;
  readonly remaining: number;
  /** When the window resets, on the same clock. */
  readonly reset: number;
  readonly delayOut?: number;
  readonly delayBack?: number;
  readonly route?: string;
  /** Position in the order of departure. Default: when the request was sent, in ms, as if one was sent every millisecond. */
  readonly departure?: number;
  readonly refused?: boolean;
  /** Whether the server also sends the reset on its own clock. Default true. */
  readonly tellsReset?: boolean;
}

/** The offset of the server's clock from the local one, in ms. */
export const EPOCH = 1_700_000_000_000;

/** The observation that a response leads to. */
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
