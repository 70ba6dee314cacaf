import type { Answer } from './model/answers.js';
import type { DiscordModel } from './model/discord-model.js';

const PREFIX = '/_simulator/';

interface Endpoint {
  readonly method: string;
  readonly run: (model: DiscordModel) => unknown;
}

const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map([
  ['statistics', { method: 'GET', run: (model) => model.statistics() }],
  ['journal', { method: 'GET', run: (model) => model.journal }],
  ['reset', { method: 'POST', run: (model) => model.reset() ?? null }],
]);

/** Whether a request is for the simulator itself, instead of the API that it mocks. */
export function isControl(path: string): boolean {
  return path.startsWith(PREFIX);
}

/** Carries out a request for the simulator itself. */
export function control(method: string, path: string, model: DiscordModel): Answer {
  const endpoint = ENDPOINTS.get(path.slice(PREFIX.length));
  if (endpoint === undefined) {
    return failure(404, `Unknown endpoint; known are ${[...ENDPOINTS.keys()].join(', ')}`);
  }
  if (endpoint.method !== method) return failure(405, `Use ${endpoint.method}`, { allow: endpoint.method });
  const body = endpoint.run(model);
  return body === null ? { status: 204, headers: {}, body } : json(200, body);
}

function failure(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return json(status, { message }, headers);
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body };
}
