/** What a bot's process is told when it is to begin. */
export interface BotOrder {
  readonly baseURL: string;
  /** Its number among the processes, from 0 on. */
  readonly place: number;
  /** For how many seconds the channels are kept full. */
  readonly seconds: number;
  /** What it shares its limits through; left out when it shares them with nobody. */
  readonly redis?: { readonly url: string; readonly prefix: string };
}

/** How far a bot has got. */
export interface BotState {
  readonly requests: number;
  readonly answered: number;
  /** The longest time from the call to the answer of a request, in ms. */
  readonly longestWait: number;
  /** From the first call to now, or to the last answer, in ms. */
  readonly time: number;
}

/** What a bot's process tells. */
export type BotReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'progress'; readonly state: BotState }
  | { readonly kind: 'done'; readonly state: BotState };

/** What the simulator's process tells. */
export interface SimulatorReport {
  readonly kind: 'ready';
  readonly url: string;
}
