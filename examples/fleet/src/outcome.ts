import type { Arrival, Statistics } from '@sluice/simulator';
import { GLOBAL_LIMIT } from './load.js';
import type { BotState } from './messages.js';

const SECOND = 1_000;

/** The result of one process. */
export interface BotOutcome {
  readonly requests: number;
  readonly ok: number;
  /** The part of the global limit that its admitted requests used. */
  readonly globalUse: number;
  readonly longestWaitMs: number;
  readonly drainMs: number;
}

/** The result of a run: the keys of `--json`. */
export interface Outcome {
  readonly requests: number;
  /** Requests with a successful response. */
  readonly ok: number;
  /** Refusals with 429, as counted by the simulator. */
  readonly status429: number;
  /** From the first call to the last response. */
  readonly drainMs: number;
  /** The least time possible, from the simulator's configuration. */
  readonly optimumMs: number;
  /** The part of the global limit that was used from the first to the last request. */
  readonly globalUse: number;
  /** Calls of scripts in Redis; 0 without sharing. */
  readonly scriptCalls: number;
  readonly scriptCallsPerRequest: number;
  readonly processes: readonly BotOutcome[];
}

/** The measurements of a run. */
export interface Measured {
  readonly states: readonly BotState[];
  readonly statistics: Statistics;
  readonly journal: readonly Arrival[];
  readonly optimumMs: number;
  readonly scriptCalls: number;
}

/** Joins the measurements of the processes and the counts of the simulator and Redis. */
export function outcomeOf({ states, statistics, journal, optimumMs, scriptCalls }: Measured): Outcome {
  const requests = sum(states.map((state) => state.requests));
  const places = placesWithin(journal);
  return {
    requests,
    ok: sum(states.map(({ answered }) => answered)),
    status429: refusalsOf(statistics),
    drainMs: Math.round(Math.max(...states.map(({ time }) => time))),
    optimumMs: Math.round(optimumMs),
    globalUse: rounded(sum(states.map(({ answered }) => answered)) / places),
    scriptCalls,
    scriptCallsPerRequest: rounded(scriptCalls / requests),
    processes: states.map((state) => ({
      requests: state.requests,
      ok: state.answered,
      globalUse: rounded(state.answered / places),
      longestWaitMs: Math.round(state.longestWait),
      drainMs: Math.round(state.time),
    })),
  };
}

/** Whether every request succeeded at once. */
export function isFlawless({ requests, ok, status429 }: Outcome): boolean {
  return ok === requests && status429 === 0;
}

/**
 * The number of requests that the global limit admits from the first admitted request to the last: each takes its place
 * for one second.
 */
function placesWithin(journal: readonly Arrival[]): number {
  const times = journal.filter(({ verdict }) => verdict === 'admitted').map(({ time }) => time);
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  return (GLOBAL_LIMIT * (span + SECOND)) / SECOND;
}

function refusalsOf({ refused, refusedUnseen, banned }: Statistics): number {
  return sum([...Object.values(refused), ...Object.values(refusedUnseen), banned]);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function rounded(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
