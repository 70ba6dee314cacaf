import type { OutsideUse } from './outside-use.js';
import type { Limits, WindowKind } from './window.js';

/** The kind of the limit that refused a request although no header shows it. */
export type UnseenVerdict = 'sub-limit' | 'shared' | 'hidden';

/** The number of requests that a limit without headers admits. */
export interface UnseenSize {
  /** Requests it admits, at least 1. */
  readonly limit: number;
  /** Milliseconds in which it refills from empty, above 0. */
  readonly period: number;
  /** Default `fixed`: the window opens with its first request. */
  readonly window?: WindowKind;
}

/** One limit that applies to one request although no header shows it, and the content of its refusals. */
export interface UnseenLimit {
  readonly verdict: UnseenVerdict;
  /** The key of its counter. */
  readonly key: string;
  readonly limits: Limits;
  readonly outside: readonly OutsideUse[];
  readonly scope: 'user' | 'shared';
  /** The body of a refusal. */
  readonly body: 'json' | 'none';
}

/** The limit with its default filled in. */
export function limitsOf({ limit, period, window = 'fixed' }: UnseenSize): Limits {
  return { limit, period, window };
}
