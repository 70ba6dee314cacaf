import type { OutsideUse } from './outside-use.js';
import type { Limits, WindowKind } from './window.js';

/** Which kind of limit that no header shows refused a request. */
export type UnseenVerdict = 'sub-limit' | 'shared' | 'hidden';

/** How much a limit that no header shows admits. */
export interface UnseenSize {
  /** Requests it admits, at least 1. */
  readonly limit: number;
  /** Milliseconds in which it refills from empty, above 0. */
  readonly period: number;
  /** Default `fixed`: it opens with its first request. */
  readonly window?: WindowKind;
}

/** One limit that holds for one request although no header shows it, and the words of its refusals. */
export interface UnseenLimit {
  readonly verdict: UnseenVerdict;
  /** The key of its counter. */
  readonly key: string;
  readonly limits: Limits;
  readonly outside: readonly OutsideUse[];
  readonly scope: 'user' | 'shared';
  /** What a refusal's body is. */
  readonly body: 'json' | 'none';
}

/** The size with its default filled in. */
export function limitsOf({ limit, period, window = 'fixed' }: UnseenSize): Limits {
  return { limit, period, window };
}
