import type { ManagerOptions } from '../manager/manager-options.js';
import type { RESTBucketManager } from '../manager/rest-bucket-manager.js';
import type { Duration } from '../rules/units.js';
import { checkAuthorization, checkRetries, checkTimeout, type HeadersInput, readHeaders } from './request-checks.js';
import type { Fetch } from './transport.js';

/** Options of a `RESTClient`; those of the manager are for the one it makes when it is given none. */
export interface RESTClientOptions extends ManagerOptions {
  /** The bot's or the user's token, without `Bot ` or `Bearer `. Left out, only requests that need none are possible. */
  readonly token?: string | undefined;
  /** What kind of token it is. Default `Bot`. */
  readonly tokenType?: 'Bot' | 'Bearer' | undefined;
  /** Where the API is. Default `https://discord.com/api/v10`. */
  readonly baseURL?: string | undefined;
  /** Sends the requests. It must heed the `signal` it is given. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Default `DiscordBot (url, version)` of this package, as Discord asks. */
  readonly userAgent?: string | undefined;
  /**
   * How long nothing may move between a request's first byte and the last of its answer, in ms; neither queues nor
   * back-off count. Uploads move in bursts of what the system buffers, up to some MB: a slow line needs the seconds
   * that one takes. `Infinity` waits for ever. Default 15,000.
   */
  readonly timeout?: Duration | undefined;
  /** How often a request is sent again after errors of the server or the connection. Default 3. */
  readonly retries?: number | undefined;
  /** Headers of every request. */
  readonly headers?: HeadersInput | undefined;
  /** Keeps the limits. Default: one of its own, which is started now, and closed with the client. */
  readonly manager?: RESTBucketManager | undefined;
  /** Gives numbers of at least 0 and below 1, for back-off. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** What holds for every request of a client. */
export interface ClientDefaults {
  readonly baseURL: string;
  readonly authorization: string | undefined;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  readonly retries: number;
}

/** Where the API is unless told otherwise. */
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

/** @throws TypeError or RangeError that names the option, and never shows a token. */
export function readDefaults(options: RESTClientOptions): ClientDefaults {
  const { timeout = 15_000, retries = 3, baseURL = DISCORD_API } = options;
  checkTimeout(timeout);
  checkRetries(retries);
  checkFunction('fetch', options.fetch);
  checkFunction('random', options.random);
  checkBaseURL(baseURL);
  return { baseURL, authorization: readToken(options), headers: defaultHeaders(options), timeout, retries };
}

/** @throws TypeError when options of a manager are given beside one, or it is none. */
export function checkManager(options: RESTClientOptions): void {
  if (options.manager === undefined) return;
  if (typeof options.manager?.acquire !== 'function') throw new TypeError('manager must be a RESTBucketManager');
  const surplus = MANAGER_OPTIONS.filter((name) => options[name] !== undefined);
  if (surplus.length > 0) throw new TypeError(`${surplus.join(', ')}: set on the manager that is given instead`);
}

function readToken({ token, tokenType = 'Bot' }: RESTClientOptions): string | undefined {
  if (tokenType !== 'Bot' && tokenType !== 'Bearer') throw new TypeError("tokenType must be 'Bot' or 'Bearer'");
  if (token === undefined) return undefined;
  if (typeof token !== 'string' || token === '') throw new TypeError('token must be a string that is not empty');
  if (/^(?:Bot|Bearer)\s/i.test(token)) {
    throw new TypeError('token must not start with "Bot " or "Bearer ": leave that to tokenType');
  }
  if (/\s/.test(token)) throw new TypeError('token holds white space or a line break: was it read from a file?');
  return checkAuthorization('token', `${tokenType} ${token}`);
}

function checkBaseURL(baseURL: unknown): void {
  const url = typeof baseURL === 'string' && URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new TypeError('baseURL must be an http or https URL');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('baseURL must hold no credentials, query or fragment');
  }
}

function defaultHeaders({ headers: given, userAgent = USER_AGENT }: RESTClientOptions): Record<string, string> {
  const headers = readHeaders(given);
  if (typeof userAgent !== 'string' || !/^[\x20-\x7e]*[\x21-\x7e]$/.test(userAgent)) {
    throw new TypeError('userAgent must be one line of ASCII that is not empty');
  }
  headers.set('user-agent', userAgent);
  return Object.fromEntries(headers);
}

function checkFunction(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`);
}
