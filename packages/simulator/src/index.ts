export {
  DEFAULT_GLOBAL_LIMIT,
  parseModelConfig,
  type SimulatorOptions,
} from './config.js';
export { DEFAULT_ROUTES } from './default-routes.js';
export { SimulatorConfigError, SimulatorListenError } from './errors.js';
export {
  DEFAULT_JOURNAL_SIZE,
  DiscordModel,
  type ModelConfig,
  type ModelOptions,
  type ModelRequest,
  type ModelResponse,
} from './model/discord-model.js';
export type { RequestLine } from './model/identity.js';
export type { Arrival, Verdict } from './model/journal.js';
export { leastTime, type OptimumConfig } from './model/optimum.js';
export type { LimitedRule, MessageAge, RouteRule, UnlimitedRule } from './model/routes.js';
export type { RouteStatistics, Statistics } from './model/statistics.js';
export type { WindowKind } from './model/window.js';
export { type Simulator, startSimulator } from './server.js';
