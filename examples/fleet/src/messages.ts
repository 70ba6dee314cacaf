/** The order that starts a bot's process. */
export interface BotOrder {
  readonly baseURL: string;
  /** The number of the process, from 0. */
  readonly place: number;
  /** The number of seconds for which the channels are kept full. */
  readonly seconds: number;
  /** The Redis to share limits through; left out without sharing. */
  readonly redis?: { readonly url: string; readonly prefix: string };
}

/** The progress of a bot. */
export interface BotState {
  readonly requests: number;
  readonly answered: number;
  /** The longest time from the call of a request to its response, in ms. */
  readonly longestWait: number;
  /** From the first call to now, or to the last response, in ms. */
  readonly time: number;
}

/** A report of a bot's process. */
export type BotReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'progress'; readonly state: BotState }
  | { readonly kind: 'done'; readonly state: BotState };

/** A report of the simulator's process. */
export interface SimulatorReport {
  readonly kind: 'ready';
  readonly url: string;
}
