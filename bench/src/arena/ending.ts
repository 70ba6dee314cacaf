import type { Process } from '../processes.js';
import type { ClientState, Outcome } from './measurement.js';
import type { ClientOrder, ClientReport } from './messages.js';
import type { Scenario } from './scenario.js';

const NOTHING: ClientState = { answered: 0, failures: [], drainMs: 0, cpuMs: 0, peakBytes: 0, startBytes: 0 };

/** The last part of the time until the deadline. A client in which no request ends during it counts as hung. */
const SILENCE = 0.25;

/** The end of a client's process, and its last report. */
export interface Ending {
  readonly how: 'done' | 'overdue' | 'crashed';
  readonly state: ClientState;
}

/** Lets a client's process carry out its order until it is done, or until the deadline (ms). */
export function drain(
  client: Process<ClientOrder, ClientReport>,
  order: ClientOrder,
  deadline: number,
): Promise<Ending> {
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

export function outcomeOf(
  { how, state }: Ending,
  { requests, deadline }: Pick<Scenario, 'requests' | 'deadline'>,
): Outcome {
  if (how === 'crashed') return 'crashed';
  if (how === 'overdue') return deadline - state.drainMs < deadline * SILENCE ? 'late' : 'hung';
  return state.answered === requests.length ? 'complete' : 'incomplete';
}
