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

/** The least time for the burst: what the simulator's limits and one round trip cost at best. */
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

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const display = new Display(values.json);
const outcome = await run(display);
display.end(outcome);
process.exitCode = isFlawless(outcome) ? 0 : 1;
