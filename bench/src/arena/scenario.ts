import type { SimulatorOptions } from '@sluice/simulator';

/** One request of a scenario, in the order in which a client is asked for it. */
export interface ArenaRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the version of the API, with its query: `/channels/1/messages?limit=50`. */
  readonly path: string;
  readonly json?: unknown;
}

/** What every client is given to do: the limits and the network of the simulator, and the requests. */
export interface Scenario {
  /** Its name on the command line and in the results: `one-channel-fixed`. */
  readonly name: string;
  /** Its name in tables and charts. */
  readonly title: string;
  /** What is hard about it, in one sentence. */
  readonly about: string;
  /** Limits, delays and faults; the seed is added by the run. */
  readonly simulator: Omit<SimulatorOptions, 'port' | 'host' | 'seed'>;
  /** All are asked for at once. */
  readonly requests: readonly ArenaRequest[];
  /** How many 429s no client can avoid that knows only what it is told: first meetings with limits that no header shows. */
  readonly unavoidable: number;
  /** Milliseconds after which a client that has not finished is ended. */
  readonly deadline: number;
}
