import type { ArenaRequest, Scenario } from '../scenario.js';

/** What a fleet of processes with one token is given to do. */
export interface FleetScenario extends Omit<Scenario, 'requests'> {
  /** For each process, what it is asked for, all at once. All processes start together. */
  readonly requests: readonly (readonly ArenaRequest[])[];
}
