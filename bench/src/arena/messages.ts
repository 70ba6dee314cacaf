import type { SimulatorOptions, Statistics } from '@sluice/simulator';
import type { ClientState } from './measurement.js';
import type { ArenaRequest } from './scenario.js';

/** To a client's process, once: where the simulator listens, and all that is to be asked. */
export interface ClientOrder {
  readonly origin: string;
  readonly requests: readonly ArenaRequest[];
}

/** From a client's process. `ready`: the library is loaded. `done`: every request has ended. */
export type ClientReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress' | 'done'; readonly state: ClientState };

/** To the simulator's process. */
export type SimulatorOrder =
  | { readonly kind: 'start'; readonly options: SimulatorOptions }
  | { readonly kind: 'statistics' };

/** From the simulator's process, one for each order. */
export type SimulatorReport =
  | { readonly kind: 'listening'; readonly origin: string }
  | { readonly kind: 'statistics'; readonly statistics: Statistics };
