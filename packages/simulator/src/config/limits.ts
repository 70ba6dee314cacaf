import { type Fields, oneOf, positiveDuration, wholeNumber } from '../field-checks.js';
import type { HeaderMode } from '../model/limit-change.js';
import type { Limits, WindowKind } from '../model/window.js';

/** The fields that {@link limitsIn} reads. */
export const LIMIT_FIELDS: readonly string[] = ['limit', 'period', 'window'];

const WINDOWS = ['fixed', 'sliding'] as const;
const HEADER_MODES = ['normal', 'none'] as const;

/** @param at - the path of the object that has the fields */
export function limitsIn(at: string, fields: Fields): Limits {
  return { ...sizeIn(at, fields), window: windowKind(`${at}.window`, fields.window) };
}

export function sizeIn(at: string, fields: Fields): Omit<Limits, 'window'> {
  return { limit: requestCount(`${at}.limit`, fields.limit), period: positiveDuration(`${at}.period`, fields.period) };
}

export function requestCount(field: string, value: unknown): number {
  return wholeNumber(field, value, 1);
}

export function windowKind(field: string, value: unknown): WindowKind {
  return oneOf(field, WINDOWS, value);
}

export function headerMode(field: string, value: unknown): HeaderMode {
  return oneOf(field, HEADER_MODES, value);
}
