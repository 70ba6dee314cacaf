import type { Limits, WindowKind } from './window.js';

/** Whether responses carry `X-RateLimit-*` headers. */
export type HeaderMode = 'normal' | 'none';

/** False values in the headers of admitted requests (#7394, #8161, #5646). */
export interface ReportedLimits {
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until the reset. Default: the true value. */
  readonly resetAfter?: number;
  /** Default: the true hash. */
  readonly bucket?: string;
}

/** A change of a route's limits while the simulator runs. Omitted values stay as they were. */
export interface LimitChange {
  /** The instant of the change, in ms since the start. */
  readonly at: number;
  readonly limit?: number;
  readonly period?: number;
  readonly window?: WindowKind;
  /** The hash that responses name from then on. The counter stays the same, under the same key. */
  readonly bucket?: string;
  readonly headers?: HeaderMode;
}

/** The limits of a route from an instant until the next change. */
export interface Phase extends Limits {
  /** The start of the phase, in ms since the start of the simulator. */
  readonly at: number;
  readonly bucket: string;
  readonly headers: HeaderMode;
  readonly reported: ReportedLimits | undefined;
}

interface ChangingRule extends Limits {
  readonly bucket: string;
  readonly headers?: HeaderMode;
  readonly reported?: ReportedLimits;
  readonly changes?: readonly LimitChange[];
}

/** All phases of a rule in order: the first as the rule is written, then one for each change. */
export function phasesOf(rule: ChangingRule): readonly [Phase, ...Phase[]] {
  const { bucket, limit, period, window, headers = 'normal', reported, changes = [] } = rule;
  let phase: Phase = { at: Number.NEGATIVE_INFINITY, bucket, limit, period, window, headers, reported };
  const phases: [Phase, ...Phase[]] = [phase];
  for (const change of changes) {
    phase = { ...phase, ...change };
    phases.push(phase);
  }
  return phases;
}

/** The phase that contains an instant, in ms since the start. */
export function phaseAt(rule: ChangingRule, elapsed: number): Phase {
  const phases = phasesOf(rule);
  return phases.findLast(({ at }) => at <= elapsed) ?? phases[0];
}
