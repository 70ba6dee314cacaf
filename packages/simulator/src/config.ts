import { DEFAULT_ROUTES } from './default-routes.js';
import { SimulatorConfigError } from './errors.js';
import {
  asArray,
  asFields,
  duration,
  type Fields,
  flag,
  mustBe,
  nonEmptyText,
  oneOf,
  positiveDuration,
  refuseUnknownFields,
  wholeNumber,
} from './field-checks.js';
import { DEFAULT_JOURNAL_SIZE, type ModelConfig } from './model/discord-model.js';
import { isPathTemplate, PathTemplate } from './model/path-template.js';
import type { LimitedRule, MessageAge, RouteRule } from './model/routes.js';

/** Discord's own default: requests per second and authentication. */
export const DEFAULT_GLOBAL_LIMIT = 50;

/** What `startSimulator` can be told. All of it has defaults. */
export interface SimulatorOptions {
  /** The TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The limits by route, in order of precedence. Default {@link DEFAULT_ROUTES}. */
  readonly routes?: readonly RouteRule[];
  /** Requests per second and authentication; `null` for no such limit. Default 50. */
  readonly globalLimit?: number | null;
  /** Milliseconds of a mean round trip. Default 0. */
  readonly rtt?: number;
  /**
   * Milliseconds of spread: the delay of each direction is uniform in rtt / 2 ± jitter / 2, never below 0. Default 0.
   */
  readonly jitter?: number;
  /** Starts the sequence of random delays, 0 to 4,294,967,295. Default 1. */
  readonly seed?: number;
  /** Arrivals the journal keeps, the newest ones. Default 1,000,000. */
  readonly journalSize?: number;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const WINDOWS = ['fixed', 'sliding'] as const;
const MESSAGE_AGES = ['young', 'old'] as const;
const LIMIT_FIELDS = ['limit', 'period', 'window'];
const RULE_FIELDS = ['methods', 'path', 'bucket', ...LIMIT_FIELDS, 'exempt', 'messageAge', 'status'];
const MODEL_FIELDS = ['routes', 'globalLimit'];
const SERVER_FIELDS = ['port', 'host', 'rtt', 'jitter', 'seed', 'journalSize'];
/** A hash travels in a header and is part of a counter's key: visible ASCII without spaces. */
const BUCKET = /^[!-~]+$/;

/**
 * Checks the limits of a model and fills in the defaults.
 *
 * @throws SimulatorConfigError naming the first bad value
 */
export function parseModelConfig(input: Pick<SimulatorOptions, 'routes' | 'globalLimit'> = {}): ModelConfig {
  const fields = asFields('configuration', input);
  refuseUnknownFields('', fields, MODEL_FIELDS);
  return modelConfig(fields);
}

/**
 * Checks all options of a simulator and fills in the defaults.
 *
 * @throws SimulatorConfigError naming the first bad value
 */
export function parseSimulatorOptions(input: unknown): Required<SimulatorOptions> {
  const fields = asFields('configuration', input);
  refuseUnknownFields('', fields, [...MODEL_FIELDS, ...SERVER_FIELDS]);
  const { port = 0, host = '127.0.0.1', rtt = 0, jitter = 0, seed = 1, journalSize = DEFAULT_JOURNAL_SIZE } = fields;
  return {
    ...modelConfig(fields),
    port: wholeNumber('port', port, 0, 65_535),
    host: nonEmptyText('host', host),
    rtt: duration('rtt', rtt),
    jitter: duration('jitter', jitter),
    seed: wholeNumber('seed', seed, 0, 0xffff_ffff),
    journalSize: wholeNumber('journalSize', journalSize, 0),
  };
}

function modelConfig(fields: Fields): ModelConfig {
  const { routes = DEFAULT_ROUTES, globalLimit = DEFAULT_GLOBAL_LIMIT } = fields;
  return {
    routes: routeTable(routes),
    globalLimit: globalLimit === null ? null : wholeNumber('globalLimit', globalLimit, 1),
  };
}

function routeTable(input: unknown): readonly RouteRule[] {
  const routes = asArray('routes', input).map((rule, index) => routeRule(`routes[${index}]`, rule));
  checkSharedBuckets(routes);
  return routes;
}

function routeRule(at: string, input: unknown): RouteRule {
  const fields = asFields(at, input);
  refuseUnknownFields(`${at}.`, fields, RULE_FIELDS);
  const path = pathTemplate(`${at}.path`, fields.path);
  const base = {
    methods: methods(`${at}.methods`, fields.methods),
    path,
    ...(fields.exempt === undefined ? {} : { exempt: flag(`${at}.exempt`, fields.exempt) }),
    ...(fields.messageAge === undefined ? {} : { messageAge: messageAge(`${at}.messageAge`, fields.messageAge, path) }),
    ...(fields.status === undefined ? {} : { status: wholeNumber(`${at}.status`, fields.status, 200, 599) }),
  };
  if (fields.bucket !== null) return { ...base, ...limits(at, fields) };
  const needless = LIMIT_FIELDS.find((name) => fields[name] !== undefined);
  if (needless !== undefined) {
    throw new SimulatorConfigError(`${at}.${needless}`, 'must be left out where bucket is null');
  }
  return { ...base, bucket: null };
}

function limits(at: string, fields: Fields): Pick<LimitedRule, 'bucket' | 'limit' | 'period' | 'window'> {
  const { bucket } = fields;
  if (typeof bucket !== 'string' || !BUCKET.test(bucket)) {
    return mustBe(`${at}.bucket`, 'a text of visible ASCII characters, or null', bucket);
  }
  return {
    bucket,
    limit: wholeNumber(`${at}.limit`, fields.limit, 1),
    period: positiveDuration(`${at}.period`, fields.period),
    window: oneOf(`${at}.window`, WINDOWS, fields.window),
  };
}

/** Rules with one bucket share its counters, which can only have one limit. */
function checkSharedBuckets(routes: readonly RouteRule[]): void {
  const first = new Map<string, { readonly rule: LimitedRule; readonly index: number }>();
  for (const [index, rule] of routes.entries()) {
    if (rule.bucket === null) continue;
    const earlier = first.get(rule.bucket);
    if (earlier === undefined) first.set(rule.bucket, { rule, index });
    else if (!haveEqualLimits(earlier.rule, rule)) {
      const problem = `is the bucket of routes[${earlier.index}] too, so limit, period and window must be equal`;
      throw new SimulatorConfigError(`routes[${index}].bucket`, problem);
    }
  }
}

function haveEqualLimits(a: LimitedRule, b: LimitedRule): boolean {
  return a.limit === b.limit && a.period === b.period && a.window === b.window;
}

function methods(field: string, value: unknown): string[] {
  const list = asArray(field, value);
  if (list.length === 0) return mustBe(field, 'a list of at least one method', value);
  return list.map((method, index) => oneOf(`${field}[${index}]`, METHODS, method));
}

function pathTemplate(field: string, value: unknown): string {
  if (typeof value === 'string' && isPathTemplate(value)) return value;
  return mustBe(field, 'a path template such as "/channels/{channel}/messages"', value);
}

function messageAge(field: string, value: unknown, path: string): MessageAge {
  const age = oneOf(field, MESSAGE_AGES, value);
  if (new PathTemplate(path).parameters.includes('message')) return age;
  throw new SimulatorConfigError(field, 'needs a path with the parameter {message}');
}
