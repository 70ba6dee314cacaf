import type { SimulatorOptions } from '@sluice/simulator';

/** One request of a scenario, in the order in which the client gets it. */
export interface ArenaRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the version of the API, with its query: `/channels/1/messages?limit=50`. */
  readonly path: string;
  readonly json?: unknown;
}

/** The task of every client: the limits and the network of the simulator, and the requests. */
export interface Scenario {
  /** Its name on the command line and in the results: `one-channel-fixed`. */
  readonly name: string;
  /** Its name in tables and charts. */
  readonly title: string;
  /** The difficulty, in one sentence. */
  readonly about: string;
  /** Limits, delays and faults; the run adds the seed. */
  readonly simulator: Omit<SimulatorOptions, 'port' | 'host' | 'seed'>;
  /** All are made at once. */
  readonly requests: readonly ArenaRequest[];
  /**
   * The 429s that no client can avoid without knowing more than the responses tell: one for each first meeting with a
   * limit that no header shows.
   */
  readonly unavoidable: number;
  /** Milliseconds after which an unfinished client is ended. */
  readonly deadline: number;
}
