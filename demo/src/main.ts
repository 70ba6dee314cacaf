import { parseArgs } from 'node:util';
import { leastTime, parseModelConfig } from '@sluice/simulator';
import type { BotReport } from './bot.js';
import { type BurstRequest, startUpBurst } from './burst.js';
import { Display } from './display.js';
import { isFlawless, type Outcome, outcomeOf } from './outcome.js';
import { runBot, startSimulatorProcess } from './processes.js';

/** The network of the demo, in ms. */
const RTT = 60;
const JITTER = 20;

/** The least time for the burst, from the simulator's limits and one round trip. */
function optimum(burst: readonly BurstRequest[]): number {
  const lines = burst.map(({ method, path }) => {
    const needsNoToken = path.startsWith('/interactions/') || /^\/webhooks\/\d+\/./.test(path);
    return { method, path, authorization: needsNoToken ? undefined : 'Bot' };
  });
  return leastTime({ ...parseModelConfig(), rtt: RTT }, lines);
}

function show(display: Display, report: BotReport, startedAt: number): void {
  if (report.kind === 'failed') display.failure(report.request, report.error);
  else display.progress(report.answered, report.requests, performance.now() - startedAt);
}

async function run(display: Display): Promise<Outcome> {
  const burst = startUpBurst();
  const simulator = await startSimulatorProcess({ rtt: RTT, jitter: JITTER });
  try {
    display.start(burst.length, RTT, JITTER);
    const startedAt = performance.now();
    const result = await runBot(`${simulator.url}/api/v10`, (report) => show(display, report, startedAt));
    return outcomeOf(result, await simulator.statistics(), optimum(burst));
  } finally {
    await simulator.stop();
  }
}

/** The exit code: 0 when all requests succeeded, 1 when one did not, 2 for an invalid command line. */
async function main(): Promise<number> {
  let isJSON: boolean;
  try {
    isJSON = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values.json;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\nThe demo takes --json, or nothing.\n`,
    );
    return 2;
  }
  const display = new Display(isJSON);
  const outcome = await run(display);
  display.end(outcome);
  return isFlawless(outcome) ? 0 : 1;
}

process.exitCode = await main();
