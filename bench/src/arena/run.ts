import type { Statistics } from '@sluice/simulator';
import type { ClientState, Outcome, Run } from './measurement.js';
import type { ClientOrder, ClientReport, SimulatorOrder, SimulatorReport } from './messages.js';
import { Process } from './processes.js';
import type { Scenario } from './scenario.js';

const NOTHING: ClientState = { answered: 0, failures: [], drainMs: 0, cpuMs: 0, peakBytes: 0, startBytes: 0 };

/** The part of the time until the deadline in which nothing must have ended for a client to count as hung. */
const SILENCE = 0.25;

/** How a client's process came to its end, and what it had told by then. */
export interface Ending {
  readonly how: 'done' | 'overdue' | 'crashed';
  readonly state: ClientState;
}

/** Sends a scenario's requests through one client, once. Client and simulator are processes of their own. */
export async function runOnce(client: string, scenario: Scenario, seed: number): Promise<Run> {
  const clientProcess = new Process<ClientOrder, ClientReport>('client-process.js', [client]);
  const simulator = new Process<SimulatorOrder, SimulatorReport>('simulator-process.js');
  try {
    // A library may take long to load. That is not measured, and the simulator's time does not begin before.
    await clientProcess.nextReport();
    const origin = await startSimulator(simulator, scenario, seed);
    const ending = await drain(clientProcess, { origin, requests: scenario.requests }, scenario.deadline);
    await clientProcess.stop();
    return toRun(ending, scenario, await statisticsOf(simulator), clientProcess.lastWords);
  } finally {
    await Promise.all([clientProcess.stop(), simulator.stop()]);
  }
}

async function startSimulator(
  simulator: Process<SimulatorOrder, SimulatorReport>,
  scenario: Scenario,
  seed: number,
): Promise<string> {
  simulator.order({ kind: 'start', options: { ...scenario.simulator, seed } });
  const report = await simulator.nextReport();
  if (report.kind !== 'listening') throw new Error('The simulator reported something before it listened');
  return report.origin;
}

async function statisticsOf(simulator: Process<SimulatorOrder, SimulatorReport>): Promise<Statistics> {
  simulator.order({ kind: 'statistics' });
  const report = await simulator.nextReport();
  if (report.kind !== 'statistics') throw new Error('The simulator did not report its statistics');
  return report.statistics;
}

function drain(client: Process<ClientOrder, ClientReport>, order: ClientOrder, deadline: number): Promise<Ending> {
  return new Promise((resolve) => {
    let state = NOTHING;
    const end = (how: Ending['how']): void => {
      clearTimeout(timer);
      resolve({ how, state });
    };
    const timer = setTimeout(() => end('overdue'), deadline);
    client.onReport((report) => {
      if (report.kind === 'ready') return;
      state = report.state;
      if (report.kind === 'done') end('done');
    });
    void client.exit().then(() => end('crashed'));
    client.order(order);
  });
}

function toRun(ending: Ending, scenario: Scenario, statistics: Statistics, lastWords: string): Run {
  const { refused, refusedUnseen, banned, invalidRequests, reordered } = statistics;
  const unseen = refusedUnseen.subLimit + refusedUnseen.shared + refusedUnseen.hidden;
  return {
    ...ending.state,
    outcome: outcomeOf(ending, scenario),
    ...(ending.how === 'crashed' && { crash: lastWords }),
    refusals: { user: refused.user, global: refused.global, unseen, banned },
    invalid: invalidRequests,
    reordered,
  };
}

export function outcomeOf(
  { how, state }: Ending,
  { requests, deadline }: Pick<Scenario, 'requests' | 'deadline'>,
): Outcome {
  if (how === 'crashed') return 'crashed';
  if (how === 'overdue') return deadline - state.drainMs < deadline * SILENCE ? 'late' : 'hung';
  return state.answered === requests.length ? 'complete' : 'incomplete';
}
