import type { Arrival, SimulatorOptions, Statistics } from '@sluice/simulator';
import type { ClientState } from './measurement.js';
import type { ArenaRequest } from './scenario.js';

/** To a client's process, once: the address of the simulator, and all requests. */
export interface ClientOrder {
  readonly origin: string;
  readonly requests: readonly ArenaRequest[];
  /** The mark of the first request; later marks count up. Default 0. */
  readonly firstMark?: number;
  /** The address of the Redis through which the client shares its limits. */
  readonly redis?: string;
  /** Whether the process stays when all requests have ended, as a bot does, until it is killed. */
  readonly stays?: boolean;
}

/** From a client's process. `ready`: the library is loaded. `done`: every request has ended. */
export type ClientReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress' | 'done'; readonly state: ClientState };

/** To the simulator's process. */
export type SimulatorOrder =
  | { readonly kind: 'start'; readonly options: SimulatorOptions }
  | { readonly kind: 'statistics' }
  | { readonly kind: 'journal' };

/** From the simulator's process, one for each order. */
export type SimulatorReport =
  | { readonly kind: 'listening'; readonly origin: string }
  | { readonly kind: 'statistics'; readonly statistics: Statistics }
  | { readonly kind: 'journal'; readonly journal: readonly Arrival[] };
