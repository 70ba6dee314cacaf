export type { Concurrency } from './buckets/concurrency.js';
export {
  ABANDONED_GRACE,
  type AcquireOptions,
  type CancelReason,
  type Permit,
  type RateLimitUpdate,
  type RESTBucketOptions,
  type RepeatOptions,
} from './buckets/rest-bucket.js';
export type { RESTClientOptions } from './client/client-options.js';
export {
  DiscordAPIError,
  type DiscordAPIErrorDetails,
  HTTPError,
  type HTTPErrorCode,
  type HTTPErrorDetails,
} from './client/errors.js';
export type { FieldError } from './client/field-errors.js';
export { type Fetch, type LimitedFetchOptions, limitedFetch } from './client/limited-fetch.js';
export type { Query, QueryValue } from './client/query.js';
export type { BodyOptions, RawBody, RequestFile } from './client/request-body.js';
export type { HeadersInput } from './client/request-checks.js';
export type { FetchOptions, RequestOptions } from './client/request-options.js';
export { RESTClient } from './client/rest-client.js';
export type { Clock, Timer, TimerOptions } from './clock/clock.js';
export type { WallTime } from './clock/wall-time.js';
export type {
  AddressNews,
  AddressReply,
  AddressRequest,
  BucketReply,
  BucketRequest,
  Coordinator,
  MaskedCount,
  Report,
  SharedAddress,
  SharedStore,
  StoreNews,
  StoreReply,
  StoreRequest,
  ToldSubLimit,
  ToldWindow,
} from './coordination/coordinator.js';
export {
  AuthorizationLockedError,
  CoordinatorUnavailableError,
  type InvalidRequestLimitDetails,
  InvalidRequestLimitError,
  LimiterClosedError,
  QueueFullError,
  type RateLimitTooLongDetails,
  RateLimitTooLongError,
  SnapshotError,
  WebhookLockedError,
} from './errors.js';
export type { InvalidRequestGuardOptions, InvalidRequestOptions } from './gates/invalid-request-guard.js';
export type { ManagerEvents } from './manager/events.js';
export type { GCPass } from './manager/gc-pass.js';
export type { ManagerOptions } from './manager/manager-options.js';
export type { RealHashesToBuckets, RoutesToHashes } from './manager/manager-views.js';
export {
  type AuthorizationOptions,
  type ManagerAcquireOptions,
  RESTBucketManager,
  type StartOptions,
  type UnlockOptions,
} from './manager/rest-bucket-manager.js';
export type {
  AuthenticationSnapshot,
  BucketSnapshot,
  ManagerSnapshot,
  SnapshotEnd,
  SnapshotInstant,
  SubLimitSnapshot,
  WindowSnapshot,
} from './manager/snapshot/snapshot.js';
export { InvalidRequestGuard, RESTBucket, systemClock } from './published.js';
export {
  CompiledRoute,
  type CompileOptions,
  HASH_SEPARATOR,
  Route,
  type RouteParameters,
  UNKNOWN_HASH,
} from './routes/route.js';
export { RouteError } from './routes/route-error.js';
export type { HeaderProblem } from './rules/header-problem.js';
export type { HeadersReader, HeadersSource } from './rules/header-source.js';
export {
  type LimitsSource,
  parseLimits,
  type RateLimitHeaders,
  type RateLimitScope,
  type ResponseLimits,
  type ResponseSource,
} from './rules/headers.js';
export type { Refusal, RefusalKind } from './rules/refusal.js';
export type { SubLimitView } from './rules/sub-limit-view.js';
export type { Duration, LocalInstant, ServerInstant } from './rules/units.js';
export type { WindowKind } from './rules/window-kind.js';
