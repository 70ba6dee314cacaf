import { isConcurrency } from './concurrency.js';
import type { ManagerOptions } from './rest-bucket-manager.js';

/** @throws TypeError or RangeError that names the option and says what it takes. */
export function checkManagerOptions(options: ManagerOptions): void {
  const { maxRateLimit, globalLimit, maxQueueSize, concurrency } = options;
  if (maxRateLimit !== undefined && !(maxRateLimit >= 0)) {
    throw new RangeError(`maxRateLimit must be a time in ms of at least 0, not ${String(maxRateLimit)}`);
  }
  checkCount('globalLimit', globalLimit, 1);
  checkCount('maxQueueSize', maxQueueSize, 0);
  if (concurrency !== undefined && !isConcurrency(concurrency)) {
    throw new TypeError(`concurrency must be 'writes-in-order', 'serial' or 'parallel', not ${String(concurrency)}`);
  }
}

function checkCount(name: string, value: unknown, least: number): void {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be a whole number of at least ${least}, or Infinity, not ${String(value)}`);
}
