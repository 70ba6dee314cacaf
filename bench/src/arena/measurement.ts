/** Requests that failed in a client, of one kind. */
export interface Failure {
  /** The error's name, with the status of the response if the error has one: `DiscordAPIError[50001] 403`. */
  readonly kind: string;
  readonly count: number;
  /** The message of the first error. */
  readonly sample: string;
}

/** The state of a client's process at some instant. */
export interface ClientState {
  /** Requests that the library reported as successful. */
  readonly answered: number;
  readonly failures: readonly Failure[];
  /** From the first call to the latest end of a request. */
  readonly drainMs: number;
  /** User and system time since the first call. */
  readonly cpuMs: number;
  /** The peak resident memory since the process started. */
  readonly peakBytes: number;
  /** Resident memory at the first call. */
  readonly startBytes: number;
}

/** Refusals with 429, as counted by the simulator. */
export interface Refusals {
  readonly user: number;
  readonly global: number;
  /** By limits that no header shows. */
  readonly unseen: number;
  /** Because the address was banned, after too many invalid requests. */
  readonly banned: number;
}

/** The end of a run, from best to worst. */
export const OUTCOMES = ['complete', 'incomplete', 'late', 'hung', 'crashed'] as const;

/**
 * `complete`: all requests succeeded. `incomplete`: all ended, some of them in failure. `late`: not all had ended at
 * the scenario's deadline, but some ended shortly before it. `hung`: none had ended for long. `crashed`: the process
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
  /** Writes that reached their counter after a later write. */
  readonly reordered: number;
}

export function totalOf({ user, global, unseen, banned }: Refusals): number {
  return user + global + unseen + banned;
}
