import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Statistics } from '@sluice/simulator';
import type { BotReport } from './bot.js';
import type { BotResult } from './outcome.js';

const SIMULATOR_CLI = join(
  dirname(createRequire(import.meta.url).resolve('@sluice/simulator/package.json')),
  'dist/cli.js',
);

/** A simulator in its own process. */
export interface SimulatorProcess {
  readonly url: string;
  statistics(): Promise<Statistics>;
  stop(): Promise<void>;
}

/** Starts the simulator's command on a free port. */
export async function startSimulatorProcess(network: { rtt: number; jitter: number }): Promise<SimulatorProcess> {
  const flags = ['--port', '0', '--rtt', String(network.rtt), '--jitter', String(network.jitter)];
  const child = spawn(process.execPath, [SIMULATOR_CLI, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await listeningURL(child);
  return {
    url,
    statistics: async () => (await fetch(`${url}/_simulator/statistics`)).json() as Promise<Statistics>,
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** The line by which the simulator reports that it is ready ends with its URL. */
async function listeningURL(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The simulator was started without a pipe to its standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/\S+/.exec(line)?.[0];
    if (url !== undefined) return url;
  }
  throw new Error('The simulator ended before it was ready');
}

/** Runs the bot in its own process, and returns its measurements. */
export async function runBot(baseURL: string, onReport: (report: BotReport) => void): Promise<BotResult> {
  const child = fork(fileURLToPath(new URL('./bot.js', import.meta.url)), [baseURL], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let result: BotResult | undefined;
  child.on('message', (report: BotReport) => {
    onReport(report);
    if (report.kind === 'done') result = report;
  });
  const [exitCode] = await once(child, 'exit');
  if (result === undefined) throw new Error(`The bot ended with exit code ${exitCode} before it was done`);
  return result;
}
