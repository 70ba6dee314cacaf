export type { RedisClient, RedisCoordinatorOptions } from './options.js';
export { RedisCoordinator } from './redis-coordinator.js';
