export {
  DEFAULT_GLOBAL_LIMIT,
  parseModelConfig,
  type SimulatorOptions,
} from './config.js';
export { DEFAULT_ROUTES } from './default-routes.js';
export { SimulatorConfigError, SimulatorListenError } from './errors.js';
export type { Answer } from './model/answers.js';
export {
  DEFAULT_JOURNAL_SIZE,
  DiscordModel,
  type ModelConfig,
  type ModelOptions,
  type ModelRequest,
  type ModelResponse,
} from './model/discord-model.js';
export type { Fault, FaultKind, FaultOccasion, FaultRule } from './model/faults.js';
export { fuzzHeaders } from './model/fuzz-headers.js';
export type { HiddenLimit } from './model/hidden-limit.js';
export type { RequestLine } from './model/identity.js';
export type { InvalidRequestLimit } from './model/invalid-requests.js';
export type { Arrival, Verdict } from './model/journal.js';
export type { HeaderMode, LimitChange, ReportedLimits } from './model/limit-change.js';
export { leastTime, type OptimumConfig } from './model/optimum.js';
export type { OutsideUse } from './model/outside-use.js';
export { type ReachableConfig, type ReachableOptions, reachableTime } from './model/reachable-optimum.js';
export type { LimitedRule, MessageAge, RouteRule, UnlimitedRule } from './model/routes.js';
export type { SharedLimit } from './model/shared-limit.js';
export type { RouteStatistics, Statistics } from './model/statistics.js';
export type { SubLimit } from './model/sub-limits.js';
export type { UnseenSize } from './model/unseen-limit.js';
export type { Limits, WindowKind } from './model/window.js';
export { seededRandom } from './random.js';
export { type Simulator, startSimulator } from './server.js';
