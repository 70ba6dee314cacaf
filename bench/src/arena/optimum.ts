import { leastTime, type ModelRequest, parseModelConfig, reachableTime } from '@sluice/simulator';
import type { ArenaRequest, Scenario } from './scenario.js';

/** The best times of a scenario, in ms. */
export interface Optima {
  /** For a client that knows every limit and every delay. */
  readonly omniscient: number;
  /** The mean for a client that knows every limit, but no delay, and keeps the order of writes. */
  readonly reachable: number;
}

/**
 * Both optima of a scenario. They leave out its faults, so lost requests that are sent again take extra time.
 *
 * @param seed - start of the draws of the delays
 */
export function optimaOf({ simulator, requests }: Scenario, seed = 1): Optima {
  const { rtt = 0, jitter = 0, journalSize: _, ...limits } = simulator;
  const config = { ...parseModelConfig(limits), rtt, jitter };
  const asked = requests.map(modelRequest);
  return { omniscient: leastTime(config, asked), reachable: reachableTime(config, asked, { seed }) };
}

/** The request as a client sends it: interactions and webhooks use their own tokens, without the bot's. */
function modelRequest({ method, path, json }: ArenaRequest): ModelRequest {
  const needsNoToken = path.startsWith('/interactions/') || /^\/webhooks\/\d+\/./.test(path);
  return { method, path, body: json, authorization: needsNoToken ? undefined : 'Bot' };
}
