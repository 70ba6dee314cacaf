import type { SimulatorSettings } from './config.js';
import { seededRandom } from './random.js';

/** Milliseconds that one request and its answer spend on the way. */
export interface Journey {
  readonly there: number;
  readonly back: number;
}

/** The next request's delays; both are drawn at once, so that they depend on its place among the requests only. */
export type JourneySource = () => Journey;

/** Delays that are uniform in rtt / 2 ± jitter / 2, never below 0. */
export function createJourneys(options: Pick<SimulatorSettings, 'rtt' | 'jitter' | 'seed'>): JourneySource {
  const random = seededRandom(options.seed);
  const oneWay = () => Math.max(0, options.rtt / 2 + (random() - 0.5) * options.jitter);
  return () => ({ there: oneWay(), back: oneWay() });
}
