import type { Statistics } from '@sluice/simulator';
import { Process } from '../processes.js';
import { drain, type Ending, outcomeOf } from './ending.js';
import type { Refusals, Run } from './measurement.js';
import type { ClientOrder, ClientReport } from './messages.js';
import type { Scenario } from './scenario.js';
import { SimulatorHandle } from './simulator-handle.js';

const CLIENT = new URL('client-process.js', import.meta.url);

/** A client's process. Its library is loaded when its first report arrives. */
export function startClient(client: string): Process<ClientOrder, ClientReport> {
  return new Process(CLIENT, [client]);
}

/** Sends a scenario's requests through one client, once. Client and simulator have separate processes. */
export async function runOnce(client: string, scenario: Scenario, seed: number): Promise<Run> {
  const clientProcess = startClient(client);
  const simulator = new SimulatorHandle();
  try {
    // A library may take long to load. That time is not measured, and the simulator's time starts after it.
    await clientProcess.nextReport();
    const origin = await simulator.start({ ...scenario.simulator, seed });
    const ending = await drain(clientProcess, { origin, requests: scenario.requests }, scenario.deadline);
    await clientProcess.stop();
    return toRun(ending, scenario, await simulator.statistics(), clientProcess.lastWords);
  } finally {
    await Promise.all([clientProcess.stop(), simulator.stop()]);
  }
}

function toRun(ending: Ending, scenario: Scenario, statistics: Statistics, lastWords: string): Run {
  return {
    ...ending.state,
    outcome: outcomeOf(ending, scenario),
    ...(ending.how === 'crashed' && { crash: lastWords }),
    refusals: refusalsOf(statistics),
    invalid: statistics.invalidRequests,
    reordered: statistics.reordered,
  };
}

/** The 429s that a simulator has counted. */
export function refusalsOf({ refused, refusedUnseen, banned }: Statistics): Refusals {
  const unseen = refusedUnseen.subLimit + refusedUnseen.shared + refusedUnseen.hidden;
  return { user: refused.user, global: refused.global, unseen, banned };
}
