import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseSimulatorOptions, type SimulatorOptions } from './config.js';
import { control, isControl } from './control.js';
import { deliver, send } from './delivery.js';
import { SimulatorListenError } from './errors.js';
import type { Answer } from './model/answers.js';
import { DiscordModel, type ModelRequest } from './model/discord-model.js';
import type { Arrival } from './model/journal.js';
import type { Statistics } from './model/statistics.js';
import { createJourneys, type JourneySource } from './network-delay.js';
import { readBody } from './request-body.js';
import { Timeline } from './timeline.js';

/** Longer than clients keep idle sockets: clients then close them first, and no request meets a closed one. */
const KEEP_ALIVE = 120_000;
const TOO_LARGE: Answer = {
  status: 413,
  headers: { 'content-type': 'application/json' },
  body: { message: '413: Payload Too Large', code: 0 },
};

/** A running simulator. Disposing of it (`await using`) closes it. */
export interface Simulator extends AsyncDisposable {
  /** The address, such as `http://127.0.0.1:40123`, without a final slash. */
  readonly url: string;
  readonly port: number;
  /** The model behind the server. Its instants are those of `performance.now()`. */
  readonly model: DiscordModel;
  /** The newest arrivals, oldest first. Each reading makes a copy. */
  readonly journal: readonly Arrival[];
  /** A copy of the counts since the start or the last reset. */
  statistics(): Statistics;
  /** Stops listening and ends every connection at once, answered or not. Further calls do nothing. */
  close(): Promise<void>;
}

/**
 * Starts a mock of Discord's REST API on a local port. The promise resolves when the mock is listening.
 *
 * A request's header `x-simulator-mark`, a whole number, gives its place in the client's order (see `Statistics`).
 *
 * @throws SimulatorConfigError when an option is invalid
 * @throws SimulatorListenError when the simulator cannot listen on the host and port
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port, host, ...settings } = parseSimulatorOptions(options);
  const model = new DiscordModel(settings, {
    epoch: performance.timeOrigin,
    start: performance.now(),
    journalSize: settings.journalSize,
  });
  const timeline = new Timeline();
  const api = new Api(model, timeline, createJourneys(settings));
  const server = createServer(
    { keepAliveTimeout: KEEP_ALIVE },
    (request, response) => void api.serve(request, response),
  );
  await listen(server, host, port);
  return new RunningSimulator(server, host, model, timeline);
}

/** Takes each request through its journey: to the model, and back. */
class Api {
  readonly #model: DiscordModel;
  readonly #timeline: Timeline;
  readonly #journeys: JourneySource;

  constructor(model: DiscordModel, timeline: Timeline, journeys: JourneySource) {
    this.#model = model;
    this.#timeline = timeline;
    this.#journeys = journeys;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body.kind === 'aborted') return;
    const { method = 'GET', url = '/' } = request;
    if (isControl(url)) send(response, control(method, url, this.#model));
    else if (body.kind === 'too-large') send(response, TOO_LARGE);
    else this.#simulate(modelRequest(method, url, request, body.json), response);
  }

  #simulate(request: ModelRequest, response: ServerResponse): void {
    const { there, back } = this.#journeys();
    const arrival = performance.now() + there;
    this.#timeline.schedule(arrival, () => {
      // The simulated instant of arrival, even if the timer ran late.
      const answer = this.#model.receive(request, arrival);
      const delay = answer.fault?.kind === 'slow' ? answer.fault.delay : 0;
      this.#timeline.schedule(arrival + back + delay, () => deliver(response, answer));
    });
  }
}

class RunningSimulator implements Simulator {
  readonly url: string;
  readonly port: number;
  readonly model: DiscordModel;
  readonly #server: Server;
  readonly #timeline: Timeline;
  #closed: Promise<void> | undefined;

  constructor(server: Server, host: string, model: DiscordModel, timeline: Timeline) {
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
    this.model = model;
    this.#server = server;
    this.#timeline = timeline;
  }

  get journal(): readonly Arrival[] {
    return this.model.journal;
  }

  statistics(): Statistics {
    return this.model.statistics();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#timeline.close();
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new SimulatorListenError(host, port, error)));
    server.listen(port, host, resolve);
  });
}

function modelRequest(method: string, path: string, request: IncomingMessage, body: unknown): ModelRequest {
  const { headers, socket } = request;
  return {
    method,
    path,
    authorization: headers.authorization,
    address: socket.remoteAddress,
    body,
    mark: parseMark(headers['x-simulator-mark']),
  };
}

function parseMark(text: string | string[] | undefined): number | undefined {
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
