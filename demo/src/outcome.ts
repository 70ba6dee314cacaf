import type { Statistics } from '@sluice/simulator';

/** The measurements of the bot's process. */
export interface BotResult {
  readonly requests: number;
  readonly answered: number;
  readonly drainMs: number;
}

/** The result of the demo: the keys of `--json`. */
export interface Outcome {
  /** Requests of the burst. */
  readonly requests: number;
  /** Requests with a successful response. */
  readonly ok: number;
  /** Refusals with 429, as counted by the simulator. */
  readonly status429: number;
  /** Writes that reached their counter before an earlier write, as counted by the simulator. */
  readonly reordered: number;
  /** From the first call to the last response. */
  readonly drainMs: number;
  /** The least time possible, from the simulator's configuration. */
  readonly optimumMs: number;
  readonly ratio: number;
}

/** Joins the bot's measurements and the simulator's counts. */
export function outcomeOf(result: BotResult, statistics: Statistics, optimumMs: number): Outcome {
  const { user, global } = statistics.refused;
  const { subLimit, shared, hidden } = statistics.refusedUnseen;
  return {
    requests: result.requests,
    ok: result.answered,
    status429: user + global + subLimit + shared + hidden,
    reordered: statistics.reordered,
    drainMs: Math.round(result.drainMs),
    optimumMs: Math.round(optimumMs),
    ratio: Math.round((result.drainMs / optimumMs) * 1_000) / 1_000,
  };
}

/** Whether every request succeeded, at once and in order. */
export function isFlawless({ requests, ok, status429, reordered }: Outcome): boolean {
  return ok === requests && status429 === 0 && reordered === 0;
}
