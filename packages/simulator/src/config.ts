import { faultRules } from './config/fault-rules.js';
import { requestCount } from './config/limits.js';
import { routeRules } from './config/route-rules.js';
import { DEFAULT_ROUTES } from './default-routes.js';
import {
  asArray,
  asFields,
  duration,
  type Fields,
  givenFields,
  knownFields,
  nonEmptyText,
  positiveDuration,
  refuseUnknownFields,
  wholeNumber,
} from './field-checks.js';
import { DEFAULT_JOURNAL_SIZE, type ModelConfig } from './model/discord-model.js';
import type { InvalidRequestLimit } from './model/invalid-requests.js';

/** Discord's default: requests per second and authentication. */
export const DEFAULT_GLOBAL_LIMIT = 50;

/** Options of a server, besides those of its model. */
interface ServerOptions {
  /** The TCP port; 0, the default, takes a free one. */
  readonly port?: number;
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** Mean round trip in ms. Default 0. */
  readonly rtt?: number;
  /**
   * Spread of the delay in ms: the delay of each direction is uniform in rtt / 2 ± jitter / 2, never below 0. Default
   * 0.
   */
  readonly jitter?: number;
  /** Start of all random sequences: delays, faults, malformed headers. 0 to 4,294,967,295. Default 1. */
  readonly seed?: number;
  /** Size of the journal, which keeps the newest arrivals. Default 1,000,000. */
  readonly journalSize?: number;
}

/** Options of `startSimulator`. All have defaults: 50 for `globalLimit`, `DEFAULT_ROUTES` for `routes`. */
export interface SimulatorOptions extends ServerOptions, Partial<ModelConfig> {}

/** Options with defaults filled in. The model itself fills in those that are missing here. */
export type SimulatorSettings = Required<ServerOptions> & ModelConfig;

const MODEL_FIELDS = ['routes', 'globalLimit', 'invalidRequests', 'invalidTokens', 'deadWebhooks', 'faults', 'seed'];
const SERVER_FIELDS = ['port', 'host', 'rtt', 'jitter', 'journalSize'];
const INVALID_REQUEST_FIELDS = ['limit', 'period', 'ban'];

/**
 * Checks the limits of a model and fills in the defaults.
 *
 * @throws SimulatorConfigError that names the first bad value
 */
export function parseModelConfig(input: Partial<ModelConfig> = {}): ModelConfig {
  const fields = asFields('configuration', input);
  refuseUnknownFields('', fields, MODEL_FIELDS);
  return modelConfig(fields);
}

/**
 * Checks all options of a simulator and fills in the defaults.
 *
 * @throws SimulatorConfigError that names the first bad value
 */
export function parseSimulatorOptions(input: unknown): SimulatorSettings {
  const fields = asFields('configuration', input);
  refuseUnknownFields('', fields, [...MODEL_FIELDS, ...SERVER_FIELDS]);
  const { port = 0, host = '127.0.0.1', rtt = 0, jitter = 0, seed = 1, journalSize = DEFAULT_JOURNAL_SIZE } = fields;
  return {
    ...modelConfig(fields),
    port: wholeNumber('port', port, 0, 65_535),
    host: nonEmptyText('host', host),
    rtt: duration('rtt', rtt),
    jitter: duration('jitter', jitter),
    seed: seedNumber('seed', seed),
    journalSize: wholeNumber('journalSize', journalSize, 0),
  };
}

function modelConfig(fields: Fields): ModelConfig {
  const { routes = DEFAULT_ROUTES, globalLimit = DEFAULT_GLOBAL_LIMIT } = fields;
  const optional = givenFields<Omit<ModelConfig, 'routes' | 'globalLimit'>>('', fields, {
    invalidRequests: invalidRequestLimit,
    invalidTokens: texts,
    deadWebhooks: texts,
    faults: faultRules,
    seed: seedNumber,
  });
  return {
    routes: routeRules('routes', routes),
    globalLimit: globalLimit === null ? null : requestCount('globalLimit', globalLimit),
    ...optional,
  };
}

function invalidRequestLimit(at: string, value: unknown): InvalidRequestLimit | null {
  if (value === null) return null;
  return givenFields<InvalidRequestLimit>(`${at}.`, knownFields(at, value, INVALID_REQUEST_FIELDS), {
    limit: requestCount,
    period: positiveDuration,
    ban: positiveDuration,
  });
}

function texts(field: string, value: unknown): string[] {
  return asArray(field, value).map((text, index) => nonEmptyText(`${field}[${index}]`, text));
}

function seedNumber(field: string, value: unknown): number {
  return wholeNumber(field, value, 0, 0xffff_ffff);
}
