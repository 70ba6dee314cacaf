import { callsBetween } from '../../command-calls.js';
import type { MeasuredRedis } from '../../measured-redis.js';
import { drain, type Ending, outcomeOf } from '../ending.js';
import type { Run } from '../measurement.js';
import { refusalsOf, startClient } from '../run.js';
import { SimulatorHandle } from '../simulator-handle.js';
import { joinFailures, worst } from '../summary.js';
import type { FleetScenario } from './fleet-scenario.js';
import { globalUse } from './global-use.js';
import { firstMarkOf, reorderedWithin } from './marks.js';

/** One run of a fleet: sums over its processes, and the drain time of the last. Memory is that of all together. */
export interface FleetRun extends Run {
  /** The time of each process, in ms. */
  readonly drains: readonly number[];
  /** The part of the global limit that was used, from the first request to the last. */
  readonly globalUse: number;
  /** Calls of scripts counted by Redis, set-up included. */
  readonly scriptCalls: number;
}

/** The end of a process, and its last error line if it crashed. */
interface FleetEnding extends Ending {
  readonly lastWords: string;
}

/** Discord's limit, unless a scenario sets another. */
export const GLOBAL_LIMIT = 50;

/** Sends a scenario's requests through a fleet of one client, once: one process for each list, and one simulator. */
export async function runFleet(
  client: string,
  scenario: FleetScenario,
  seed: number,
  redis: MeasuredRedis,
): Promise<FleetRun> {
  const { requests, deadline } = scenario;
  const fleet = requests.map(() => startClient(client));
  const simulator = new SimulatorHandle();
  try {
    await Promise.all(fleet.map((each) => each.nextReport()));
    await redis.flush();
    const origin = await simulator.start({ ...scenario.simulator, seed });
    const before = await redis.commandCalls();
    const order = { origin, redis: redis.url, stays: true };
    const endings = await Promise.all(
      fleet.map((each, process) => {
        const own = { ...order, requests: requests[process] ?? [], firstMark: firstMarkOf(process) };
        return drain(each, own, deadline);
      }),
    );
    const { scripts } = callsBetween(before, await redis.commandCalls());
    await Promise.all(fleet.map((each) => each.stop()));
    const ended = endings.map((ending, process) => ({ ...ending, lastWords: fleet[process]?.lastWords ?? '' }));
    return { ...(await countsOf(simulator)), ...joined(ended, scenario), scriptCalls: scripts };
  } finally {
    await Promise.all([...fleet.map((each) => each.stop()), simulator.stop()]);
  }
}

async function countsOf(
  simulator: SimulatorHandle,
): Promise<Pick<FleetRun, 'refusals' | 'invalid' | 'reordered' | 'globalUse'>> {
  const statistics = await simulator.statistics();
  const journal = await simulator.journal();
  return {
    refusals: refusalsOf(statistics),
    invalid: statistics.invalidRequests,
    reordered: reorderedWithin(journal),
    globalUse: globalUse(journal, GLOBAL_LIMIT),
  };
}

type Joined = Omit<FleetRun, 'refusals' | 'invalid' | 'reordered' | 'globalUse' | 'scriptCalls'>;

/** Joins the reports of the processes into one. */
function joined(endings: readonly FleetEnding[], { requests, deadline }: FleetScenario): Joined {
  const states = endings.map(({ state }) => state);
  const sum = (of: (state: Ending['state']) => number): number => states.reduce((total, state) => total + of(state), 0);
  const outcomes = endings.map((ending, process) => outcomeOf(ending, { requests: requests[process] ?? [], deadline }));
  const crash = endings.find(({ how }) => how === 'crashed')?.lastWords;
  const drains = states.map(({ drainMs }) => drainMs);
  return {
    outcome: worst(outcomes),
    ...(crash !== undefined && { crash }),
    answered: sum(({ answered }) => answered),
    failures: joinFailures(states.flatMap(({ failures }) => failures)),
    drainMs: Math.max(...drains),
    drains,
    cpuMs: sum(({ cpuMs }) => cpuMs),
    peakBytes: sum(({ peakBytes }) => peakBytes),
    startBytes: sum(({ startBytes }) => startBytes),
  };
}
