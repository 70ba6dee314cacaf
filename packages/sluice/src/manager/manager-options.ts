import { isConcurrency } from '../buckets/concurrency.js';
import { checkCount, checkTime } from '../gates/option-checks.js';
import type { ManagerOptions } from './rest-bucket-manager.js';

/** @throws TypeError or RangeError that names the option and says what it takes. */
export function checkManagerOptions(options: ManagerOptions): void {
  const { maxRateLimit, globalLimit, maxQueueSize, concurrency, webhookLockDuration, wallTime, coordinator } = options;
  if (wallTime !== undefined && typeof wallTime !== 'function') throw new TypeError('wallTime must be a function');
  if (coordinator !== undefined && typeof coordinator.open !== 'function') {
    throw new TypeError('coordinator must be a Coordinator, as RedisCoordinator of @sluice/redis is');
  }
  checkTime('maxRateLimit', maxRateLimit);
  checkTime('webhookLockDuration', webhookLockDuration);
  checkCount('globalLimit', globalLimit, 1);
  checkCount('maxQueueSize', maxQueueSize, 0);
  if (concurrency !== undefined && !isConcurrency(concurrency)) {
    throw new TypeError(`concurrency must be 'writes-in-order', 'serial' or 'parallel', not ${String(concurrency)}`);
  }
}
