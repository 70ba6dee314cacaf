/** The number of times that a Redis server has run each command, commands called by scripts included. */
export type CommandCalls = ReadonlyMap<string, number>;

/** Commands that run a script: each call is one round trip, for one decision or many. */
const SCRIPT_CALLS = ['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'];

/** Numbers of script calls and commands in some time. */
export interface CallCount {
  /** Calls of scripts: the round trips. */
  readonly scripts: number;
  /** All commands, those within scripts included: the work of the server. */
  readonly commands: number;
}

/** Reads the reply to `INFO commandstats`. */
export function parseCommandCalls(info: string): CommandCalls {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, command = '', calls]) => [command, Number(calls)]));
}

/** The calls between two readings, without the readings themselves. */
export function callsBetween(before: CommandCalls, after: CommandCalls): CallCount {
  const difference = (command: string): number => (after.get(command) ?? 0) - (before.get(command) ?? 0);
  const sum = (commands: readonly string[]): number =>
    commands.reduce((total, command) => total + difference(command), 0);
  return { scripts: sum(SCRIPT_CALLS), commands: sum([...after.keys()].filter((command) => command !== 'info')) };
}
