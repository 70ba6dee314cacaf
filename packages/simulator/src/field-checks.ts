/** Checks of single values. Each returns the value, or throws a `SimulatorConfigError` that names the field. */
import { SimulatorConfigError } from './errors.js';

/** An object that is not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Checks the value of a field; errors call it `field`. */
export type Check<Value> = (field: string, value: unknown) => Value;

export function wholeNumber(field: string, value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  return mustBe(field, `a whole number ${range}`, value);
}

export function duration(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return mustBe(field, 'a number of milliseconds of at least 0', value);
}

export function positiveDuration(field: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
  return mustBe(field, 'a number of milliseconds above 0', value);
}

export function probability(field: string, value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  return mustBe(field, 'a number from 0 to 1', value);
}

export function flag(field: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : mustBe(field, 'true or false', value);
}

export function nonEmptyText(field: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : mustBe(field, 'a text that is not empty', value);
}

export function oneOf<Choice extends string>(field: string, choices: readonly Choice[], value: unknown): Choice {
  const choice = choices.find((candidate) => candidate === value);
  return choice ?? mustBe(field, `one of ${choices.map((name) => JSON.stringify(name)).join(', ')}`, value);
}

export function asArray(field: string, value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : mustBe(field, 'a list', value);
}

/** Checks a list of at least one value, each by `check`. */
export function listOf<Value>(field: string, value: unknown, of: string, check: Check<Value>): Value[] {
  const list = asArray(field, value);
  if (list.length === 0) return mustBe(field, `a list of at least one ${of}`, value);
  return list.map((element, index) => check(`${field}[${index}]`, element));
}

export function asFields(field: string, value: unknown): Fields {
  return isFields(value) ? value : mustBe(field, 'an object', value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Checks that an object has only known fields. */
export function knownFields(field: string, value: unknown, known: readonly string[]): Fields {
  const fields = asFields(field, value);
  refuseUnknownFields(`${field}.`, fields, known);
  return fields;
}

export function refuseUnknownFields(prefix: string, fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new SimulatorConfigError(`${prefix}${unknown}`, `is unknown; known are ${known.join(', ')}`);
}

/** Checks the fields that are given, each by its own check. */
export function givenFields<Out extends object>(
  prefix: string,
  fields: Fields,
  checks: { readonly [Name in keyof Out]-?: Check<Out[Name]> },
): Partial<Out> {
  const given: Partial<Out> = {};
  for (const name of Object.keys(checks) as (keyof Out & string)[]) {
    if (fields[name] !== undefined) given[name] = checks[name](`${prefix}${name}`, fields[name]);
  }
  return given;
}

export function mustBe(field: string, rule: string, value: unknown): never {
  const found = value === undefined ? 'and is missing' : `not ${describe(value)}`;
  throw new SimulatorConfigError(field, `must be ${rule}, ${found}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
