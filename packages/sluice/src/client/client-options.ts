import type { ManagerOptions } from '../manager/manager-options.js';
import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { Duration } from '../rules/units.js';
import { checkAuthorization, checkRetries, checkTimeout, type HeadersInput, readHeaders } from './request-checks.js';
import type { Fetch } from './transport.js';

/** Options of a `RESTClient`. The options of the manager apply to the manager that the client creates by itself. */
export interface RESTClientOptions extends ManagerOptions {
  /** The bot's or user's token, without `Bot ` or `Bearer `. Without it, only requests that need none are possible. */
  readonly token?: string | undefined;
  /** The type of the token. Default `Bot`. */
  readonly tokenType?: 'Bot' | 'Bearer' | undefined;
  /** The base URL of the API. Default `https://discord.com/api/v10`. */
  readonly baseURL?: string | undefined;
  /** Sends the requests. It must respect the `signal` that it is given. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** The `User-Agent` header. Default: `DiscordBot (url, version)` of this package, the form that Discord asks for. */
  readonly userAgent?: string | undefined;
  /**
   * How long a request may make no progress between the first byte of the request and the last byte of the response, in
   * ms. Time in queues and back-off does not count. Uploads progress in bursts of up to some MB, because the system
   * buffers them, so a slow connection needs a timeout as long as one burst takes. `Infinity` waits forever. Default
   * 15,000.
   */
  readonly timeout?: Duration | undefined;
  /** How often a request is sent again after an error of the server or the connection. Default 3. */
  readonly retries?: number | undefined;
  /** Headers of every request. */
  readonly headers?: HeadersInput | undefined;
  /** Keeps the limits. Default: a manager that the client creates, starts, and closes when it is closed itself. */
  readonly manager?: RESTBucketManager | undefined;
  /** Returns numbers of at least 0 and below 1, for the jitter of back-off. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The defaults of all requests of a client. */
export interface ClientDefaults {
  readonly baseURL: string;
  readonly authorization: string | undefined;
  /** Headers by name, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly retries: number;
}

/** The default base URL. */
const DISCORD_API = 'https://discord.com/api/v10';

/** Discord asks for `DiscordBot ($url, $versionNumber)`. */
const USER_AGENT = 'DiscordBot (npm:sluice, 0.1.0)';

const MANAGER_OPTIONS = [
  'maxRateLimit',
  'globalLimit',
  'maxQueueSize',
  'concurrency',
  'invalidRequests',
  'webhookLockDuration',
  'coordinator',
  'clock',
] as const;

/** @throws TypeError or RangeError that names the option and never contains a token. */
export function readDefaults(options: RESTClientOptions): ClientDefaults {
  const { timeout = 15_000, retries = 3, baseURL = DISCORD_API } = options;
  checkTimeout(timeout);
  checkRetries(retries);
  checkFunction('fetch', options.fetch);
  checkFunction('random', options.random);
  checkBaseURL(baseURL);
  return { baseURL, authorization: readToken(options), headers: defaultHeaders(options), timeout, retries };
}

/** @throws TypeError when `manager` is not a manager, or options of a manager are given together with one. */
export function checkManager(options: RESTClientOptions): void {
  if (options.manager === undefined) return;
  if (typeof options.manager?.acquire !== 'function') throw new TypeError('manager must be a RESTBucketManager');
  const surplus = MANAGER_OPTIONS.filter((name) => options[name] !== undefined);
  if (surplus.length > 0) throw new TypeError(`${surplus.join(', ')}: set these options on the manager that you pass`);
}

function readToken({ token, tokenType = 'Bot' }: RESTClientOptions): string | undefined {
  if (tokenType !== 'Bot' && tokenType !== 'Bearer') throw new TypeError("tokenType must be 'Bot' or 'Bearer'");
  if (token === undefined) return undefined;
  if (typeof token !== 'string' || token === '') throw new TypeError('token must be a non-empty string');
  if (/^(?:Bot|Bearer)\s/i.test(token)) {
    throw new TypeError('token must not start with "Bot " or "Bearer ": use tokenType for that');
  }
  if (/\s/.test(token)) throw new TypeError('token contains whitespace or a line break: was it read from a file?');
  return checkAuthorization('token', `${tokenType} ${token}`);
}

function checkBaseURL(baseURL: unknown): void {
  const url = typeof baseURL === 'string' && URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new TypeError('baseURL must be an http or https URL');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('baseURL must not contain credentials, a query or a fragment');
  }
}

function defaultHeaders({ headers: given, userAgent = USER_AGENT }: RESTClientOptions): Record<string, string> {
  const headers = readHeaders(given);
  if (typeof userAgent !== 'string' || !/^[\x20-\x7e]*[\x21-\x7e]$/.test(userAgent)) {
    throw new TypeError('userAgent must be one non-empty line of ASCII');
  }
  headers.set('user-agent', userAgent);
  return Object.fromEntries(headers);
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`);
}
