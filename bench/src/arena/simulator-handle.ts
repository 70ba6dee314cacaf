import type { Arrival, SimulatorOptions, Statistics } from '@sluice/simulator';
import { Process } from '../processes.js';
import type { SimulatorOrder, SimulatorReport } from './messages.js';

const SIMULATOR = new URL('simulator-process.js', import.meta.url);

/** A simulator in its own process. */
export class SimulatorHandle {
  readonly #process = new Process<SimulatorOrder, SimulatorReport>(SIMULATOR);

  /** @returns the address */
  async start(options: SimulatorOptions): Promise<string> {
    return (await this.#ask({ kind: 'start', options }, 'listening')).origin;
  }

  async statistics(): Promise<Statistics> {
    return (await this.#ask({ kind: 'statistics' }, 'statistics')).statistics;
  }

  /** All arrivals, oldest first. */
  async journal(): Promise<readonly Arrival[]> {
    return (await this.#ask({ kind: 'journal' }, 'journal')).journal;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #ask<Kind extends SimulatorReport['kind']>(
    order: SimulatorOrder,
    kind: Kind,
  ): Promise<Extract<SimulatorReport, { kind: Kind }>> {
    this.#process.order(order);
    const report = await this.#process.nextReport();
    if (report.kind !== kind) throw new Error(`The simulator reported ${report.kind} instead of ${kind}`);
    return report as Extract<SimulatorReport, { kind: Kind }>;
  }
}
