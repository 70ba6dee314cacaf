import { randomUUID } from 'node:crypto';
import { ensureRedisServer, startRedisServer } from 'sluice-redis-server';
import { type Command, readCommand, USAGE } from './command-line.js';
import { Display } from './display.js';
import { loads } from './load.js';
import { isFlawless, type Outcome } from './outcome.js';
import { runFleet, type SharedRedis } from './run.js';
import { ScriptCalls } from './script-calls.js';

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function run({ seconds }: Command, redis: SharedRedis | undefined, display: Display): Promise<Outcome> {
  const isShared = redis !== undefined;
  display.start(isShared, loads(seconds).flat().length);
  const outcome = await runFleet(seconds, redis, display);
  display.outcome(isShared, outcome);
  return outcome;
}

/** Uses the Redis that the command line names. Without one, a server starts for this run and ends with it. */
async function runShared(command: Command, display: Display): Promise<Outcome> {
  if (command.redis !== undefined) return runThrough(command.redis, command, display);
  ensureRedisServer();
  await using server = await startRedisServer();
  return await runThrough(server.url, command, display);
}

async function runThrough(url: string, command: Command, display: Display): Promise<Outcome> {
  using calls = await ScriptCalls.connect(url);
  // The prefix is new in each run, so that nothing learned in an earlier run counts in this one.
  return await run(command, { url, prefix: `sluice-fleet-${randomUUID()}:`, calls }, display);
}

/**
 * The exit code: 0 when sharing caused no failure and no 429, 1 when a request failed, 2 for an invalid command line.
 */
async function main(): Promise<number> {
  let command: Command;
  try {
    command = readCommand(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n${USAGE}\n`);
    return 2;
  }
  const display = new Display(command.isJSON);
  try {
    const shared = command.isShared ? await runShared(command, display) : undefined;
    const alone = command.isAlone ? await run(command, undefined, display) : undefined;
    display.end({ ...(shared && { shared }), ...(alone && { alone }) });
    return shared === undefined || isFlawless(shared) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
