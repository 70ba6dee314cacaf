import type { ArenaRequest, Scenario } from '../scenario.js';

/** The task of a fleet of processes with one token. */
export interface FleetScenario extends Omit<Scenario, 'requests'> {
  /** The requests of each process, all made at once. All processes start together. */
  readonly requests: readonly (readonly ArenaRequest[])[];
}
