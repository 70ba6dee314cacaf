import type { SimulatorSettings } from './config.js';
import { seededRandom } from './random.js';

/** Delays of one request and its response, in ms. */
export interface Journey {
  readonly there: number;
  readonly back: number;
}

/**
 * The delays of the next request. Both are drawn at once, so they only depend on the request's place in the sequence.
 */
export type JourneySource = () => Journey;

/** Delays that are uniform in rtt / 2 ± jitter / 2, never below 0. */
export function createJourneys(options: Pick<SimulatorSettings, 'rtt' | 'jitter' | 'seed'>): JourneySource {
  const random = seededRandom(options.seed);
  const oneWay = () => Math.max(0, options.rtt / 2 + (random() - 0.5) * options.jitter);
  return () => ({ there: oneWay(), back: oneWay() });
}
