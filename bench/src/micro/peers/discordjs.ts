import { REST, type RequestMethod, type ResponseLike, type RouteLike } from '@discordjs/rest';
import { CountingServer } from '../answers.js';
import { type Limiter, type MakeLimiter, verifyCount } from './limiter.js';
import { TOKEN } from './token.js';

/** Members that are private only in the types. */
interface Router {
  generateRouteData(path: string, method: string): { readonly bucketRoute: string; readonly majorParameter: string };
}

/** The library's way from a path to its key for the route, and its major parameter. */
export function makeRouter(): (method: string, path: string) => ReturnType<Router['generateRouteData']> {
  const router = REST as unknown as Router;
  return (method, path) => router.generateRouteData(path, method);
}

/**
 * A client that sends nothing: in place of the network, a function responds at once. Its global limit is raised so that
 * no request waits; its sweepers, which run every few hours, are off.
 */
export function makeREST(makeRequest: () => Promise<ResponseLike>): REST {
  const rest = new REST({
    makeRequest,
    globalRequestsPerSecond: Number.MAX_SAFE_INTEGER,
    hashSweepInterval: 0,
    handlerSweepInterval: 0,
  });
  return rest.setToken(TOKEN);
}

/** Writing a message, up to the response, whose body is not read. */
export function sendMessage(rest: REST, channel: string): Promise<ResponseLike> {
  const fullRoute: RouteLike = `/channels/${channel}/messages`;
  return rest.queueRequest({ method: 'POST' as RequestMethod, fullRoute });
}

/** Requests from the path to the headers of the response: the limiter cannot be used alone. */
class DiscordJSLimiter implements Limiter {
  readonly #channels: readonly string[];
  readonly #rest: REST;
  #passed = 0;

  constructor(channels: readonly string[]) {
    const response = new Response(null, { status: 204, headers: new CountingServer().answerAsHeaders() });
    this.#channels = channels;
    this.#rest = makeREST(async () => {
      this.#passed++;
      return response;
    });
  }

  async inSequence(buckets: Uint32Array, from: number, count: number): Promise<void> {
    for (let index = from; index < from + count; index++) {
      await sendMessage(this.#rest, this.#channels[buckets[index % buckets.length] as number] as string);
    }
  }

  async send(bucket: number): Promise<void> {
    await sendMessage(this.#rest, this.#channels[bucket] as string);
  }

  verify(requests: number): void {
    verifyCount('@discordjs/rest', this.#passed, requests);
  }
}

export const makeLimiter: MakeLimiter = async (channels) => new DiscordJSLimiter(channels);
