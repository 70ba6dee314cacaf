import { listOf, mustBe, oneOf } from '../field-checks.js';
import { isPathTemplate } from '../model/path-template.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** A hash travels in a header, and a name is part of a counter's key: visible ASCII without spaces. */
const NAME = /^[!-~]+$/;

/** Checks the name of a bucket, a counter or a group. */
export function counterText(field: string, value: unknown, rule = 'a text of visible ASCII characters'): string {
  return typeof value === 'string' && NAME.test(value) ? value : mustBe(field, rule, value);
}

export function methodList(field: string, value: unknown): string[] {
  return listOf(field, value, 'method', (at, method) => oneOf(at, METHODS, method));
}

export function pathTemplate(field: string, value: unknown): string {
  if (typeof value === 'string' && isPathTemplate(value)) return value;
  return mustBe(field, 'a path template such as "/channels/{channel}/messages"', value);
}
