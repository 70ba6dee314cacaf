import { SimulatorConfigError } from '../errors.js';
import {
  asArray,
  asFields,
  type Check,
  type Fields,
  flag,
  givenFields,
  knownFields,
  listOf,
  oneOf,
  positiveDuration,
  probability,
  wholeNumber,
} from '../field-checks.js';
import type { Fault, FaultKind, FaultOccasion, FaultRule } from '../model/faults.js';
import { headerMode } from './limits.js';
import { methodList, pathTemplate } from './names.js';

const OCCASIONS = ['probability', 'every', 'at'] as const;
const TARGET_FIELDS = ['methods', 'path'];
/** The fields of each kind, besides those that say when and which requests it strikes. */
const KIND_FIELDS: Readonly<Record<FaultKind, readonly string[]>> = {
  drop: [],
  refuse: [],
  reset: [],
  stall: [],
  slow: ['delay'],
  malformed: [],
  status: ['status', 'counted', 'headers'],
  gateway: ['status', 'counted'],
};
const KINDS = Object.keys(KIND_FIELDS) as FaultKind[];

/** The fault's kind and its fields. */
export function faultRules(field: string, value: unknown): FaultRule[] {
  return asArray(field, value).map((rule, index) => faultRule(`${field}[${index}]`, rule));
}

function faultRule(at: string, input: unknown): FaultRule {
  const kind = oneOf(`${at}.kind`, KINDS, asFields(at, input).kind);
  const fields = knownFields(at, input, ['kind', ...KIND_FIELDS[kind], ...OCCASIONS, ...TARGET_FIELDS]);
  const targets = givenFields<Pick<FaultRule, 'methods' | 'path'>>(`${at}.`, fields, {
    methods: methodList,
    path: pathTemplate,
  });
  return { ...faultIn(at, kind, fields), ...occasionIn(at, fields), ...targets };
}

function faultIn(at: string, kind: FaultKind, fields: Fields): Fault {
  switch (kind) {
    case 'slow':
      return { kind, delay: positiveDuration(`${at}.delay`, fields.delay) };
    case 'status': {
      const optional = givenFields<Omit<Extract<Fault, { kind: 'status' }>, 'kind' | 'status'>>(`${at}.`, fields, {
        counted: flag,
        headers: headerMode,
      });
      return { kind, status: errorStatus(`${at}.status`, fields.status), ...optional };
    }
    case 'gateway':
      return {
        kind,
        ...givenFields<Omit<Extract<Fault, { kind: 'gateway' }>, 'kind'>>(`${at}.`, fields, {
          status: errorStatus,
          counted: flag,
        }),
      };
    default:
      return { kind };
  }
}

function occasionIn(at: string, fields: Fields): FaultOccasion {
  const given = OCCASIONS.filter((name) => fields[name] !== undefined);
  const [name] = given;
  if (name === undefined || given.length > 1) {
    throw new SimulatorConfigError(at, `must have exactly one of ${OCCASIONS.join(', ')}`);
  }
  const field = `${at}.${name}`;
  if (name === 'probability') return { probability: probability(field, fields.probability) };
  if (name === 'every') return { every: place(field, fields.every) };
  return { at: listOf(field, fields.at, 'place', place) };
}

const place: Check<number> = (field, value) => wholeNumber(field, value, 1);

const errorStatus: Check<number> = (field, value) => wholeNumber(field, value, 400, 599);
