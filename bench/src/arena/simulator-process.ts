// The simulator's process: starts the simulator on order, and reports its counts on request.
import { type Simulator, type SimulatorOptions, startSimulator } from '@sluice/simulator';
import type { SimulatorOrder, SimulatorReport } from './messages.js';

let simulator: Simulator | undefined;

function report(message: SimulatorReport): void {
  process.send?.(message);
}

async function start(options: SimulatorOptions): Promise<void> {
  simulator = await startSimulator(options);
  report({ kind: 'listening', origin: simulator.url });
}

process.on('disconnect', () => process.exit());
process.on('message', (order: SimulatorOrder) => {
  if (order.kind === 'start') void start(order.options);
  else if (order.kind === 'statistics' && simulator) report({ kind: 'statistics', statistics: simulator.statistics() });
  else if (simulator) report({ kind: 'journal', journal: simulator.journal });
});
