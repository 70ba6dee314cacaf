/** How often a Redis server has run each command, those that scripts call included. */
export type CommandCalls = ReadonlyMap<string, number>;

/** What runs a script, and so is one round trip of one decision or of many. */
const SCRIPT_CALLS = ['eval', 'evalsha', 'eval_ro', 'evalsha_ro', 'fcall', 'fcall_ro'];

/** How often scripts were called, and commands run, in some time. */
export interface CallCount {
  /** Calls of scripts: the round trips. */
  readonly scripts: number;
  /** All commands, those within scripts included: what the server did. */
  readonly commands: number;
}

/** Reads what `INFO commandstats` answers. */
export function parseCommandCalls(info: string): CommandCalls {
  const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
  return new Map([...lines].map(([, command = '', calls]) => [command, Number(calls)]));
}

/** What was called between two readings. The readings themselves are left out. */
export function callsBetween(before: CommandCalls, after: CommandCalls): CallCount {
  const difference = (command: string): number => (after.get(command) ?? 0) - (before.get(command) ?? 0);
  const sum = (commands: readonly string[]): number =>
    commands.reduce((total, command) => total + difference(command), 0);
  return { scripts: sum(SCRIPT_CALLS), commands: sum([...after.keys()].filter((command) => command !== 'info')) };
}
