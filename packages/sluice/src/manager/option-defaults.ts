import { DEFAULT_MAX_RATE_LIMIT } from '../buckets/bucket-context.js';
import type { Concurrency } from '../buckets/concurrency.js';
import { systemClock } from '../clock/system-clock.js';
import { systemWallTime } from '../clock/wall-time.js';
import type { Coordinator } from '../coordination/coordinator.js';
import type { InvalidRequestGuard, InvalidRequestOptions } from '../gates/invalid-request-guard.js';
import { checkCount, checkTime } from '../gates/option-checks.js';
import type { ManagerOptions } from './manager-options.js';

const CONCURRENCIES: readonly string[] = ['writes-in-order', 'serial', 'parallel'] satisfies Concurrency[];

/** Options with their defaults. */
export interface FullManagerOptions extends Required<Omit<ManagerOptions, 'coordinator' | 'invalidRequests'>> {
  readonly coordinator: Coordinator | undefined;
  readonly invalidRequests: InvalidRequestGuard | InvalidRequestOptions | undefined;
}

/** Fills in the defaults. @throws TypeError or RangeError that names the option and says what it takes. */
export function completeManagerOptions(options: ManagerOptions): FullManagerOptions {
  checkManagerOptions(options);
  return {
    maxRateLimit: options.maxRateLimit ?? DEFAULT_MAX_RATE_LIMIT,
    globalLimit: options.globalLimit ?? 50,
    maxQueueSize: options.maxQueueSize ?? Number.POSITIVE_INFINITY,
    concurrency: options.concurrency ?? 'writes-in-order',
    invalidRequests: options.invalidRequests,
    webhookLockDuration: options.webhookLockDuration ?? 600_000,
    coordinator: options.coordinator,
    clock: options.clock ?? systemClock,
    wallTime: options.wallTime ?? systemWallTime,
  };
}

function checkManagerOptions(options: ManagerOptions): void {
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

function isConcurrency(value: unknown): value is Concurrency {
  return typeof value === 'string' && CONCURRENCIES.includes(value);
}
