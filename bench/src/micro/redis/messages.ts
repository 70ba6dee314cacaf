import type { SharedLimiterOptions } from './limiter.js';

/** To a process that asks for decisions, in this order. */
export type AskerOrder =
  | {
      readonly kind: 'prepare';
      readonly place: number;
      readonly callers: number;
      readonly options: SharedLimiterOptions;
    }
  | { readonly kind: 'ask' }
  | { readonly kind: 'count' }
  | { readonly kind: 'stop' };

/** The counts of one process from `count` to `stop`. */
export interface AskerCount {
  readonly decisions: number;
  /** In ms. */
  readonly time: number;
  /** Of `Latencies`. */
  readonly latencies: Uint32Array;
}

/** From the process: when its limiter is loaded, when it has used every bucket, and at the end. */
export type AskerReport =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'prepared' }
  | ({ readonly kind: 'counted' } & AskerCount);
