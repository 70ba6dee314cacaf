/** Requests that a client gave up, of one kind. */
export interface Failure {
  /** The error's name, with the status of the answer if it tells one: `DiscordAPIError[50001] 403`. */
  readonly kind: string;
  readonly count: number;
  /** The message of the first. */
  readonly sample: string;
}

/** What a client's process knows of itself at some instant. */
export interface ClientState {
  /** Requests that the library said have succeeded. */
  readonly answered: number;
  readonly failures: readonly Failure[];
  /** From the first call to the newest end of a request. */
  readonly drainMs: number;
  /** Of user and system since the first call. */
  readonly cpuMs: number;
  /** The most resident memory since the process started. */
  readonly peakBytes: number;
  /** Resident memory at the first call. */
  readonly startBytes: number;
}

/** Refusals with 429, as the simulator counted them. */
export interface Refusals {
  readonly user: number;
  readonly global: number;
  /** By limits that no header shows. */
  readonly unseen: number;
  /** Because the address was banned, after too many invalid requests. */
  readonly banned: number;
}

/** How a run came to its end; the later, the worse. */
export const OUTCOMES = ['complete', 'incomplete', 'late', 'hung', 'crashed'] as const;

/**
 * `complete`: all requests have succeeded. `incomplete`: all have ended, some by failing. `late`: not all had ended at
 * the scenario's deadline, though some still did towards it. `hung`: none had ended for long. `crashed`: the process
 * ended first.
 */
export type Outcome = (typeof OUTCOMES)[number];

/** One run of one client through one scenario. */
export interface Run extends ClientState {
  readonly outcome: Outcome;
  /** The last error line of a process that crashed. */
  readonly crash?: string | undefined;
  readonly refusals: Refusals;
  readonly invalid: number;
  /** Writes that reached their counter after one that was asked for later. */
  readonly reordered: number;
}

export function totalOf({ user, global, unseen, banned }: Refusals): number {
  return user + global + unseen + banned;
}
