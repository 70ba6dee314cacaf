/** @throws RangeError that names the option, unless it is left out, a whole number of at least `least`, or Infinity. */
export function checkCount(name: string, value: unknown, least: number): void {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return;
  throw new RangeError(`${name} must be a whole number of at least ${least}, or Infinity, not ${String(value)}`);
}

/** @throws RangeError that names the option, unless it is left out or a time; `Infinity` is one. */
export function checkTime(name: string, value: unknown): void {
  if (value === undefined || (typeof value === 'number' && value >= 0)) return;
  throw new RangeError(`${name} must be a time in ms of at least 0, not ${String(value)}`);
}
