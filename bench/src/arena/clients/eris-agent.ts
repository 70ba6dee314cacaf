import { Agent, type ClientRequest } from 'node:http';
import type { Agent as HTTPSAgent } from 'node:https';
import { MARK_HEADER } from './client.js';

/**
 * The method by which `http.request` hands a request to its agent. It is missing from the types, but every agent
 * overrides it.
 */
const addRequest = Reflect.get(Agent.prototype, 'addRequest') as (
  this: Agent,
  request: ClientRequest,
  options: object,
) => void;

/** An agent for `https.request` that speaks plain HTTP, and turns the `#12` in a path into the header of mark 12. */
export class ErisAgent extends Agent {
  /** `https.request` requires it of its agent. */
  readonly protocol = 'https:';
  readonly defaultPort: number;
  /** Set by Node; missing from the types. */
  declare readonly options: HTTPSAgent['options'];

  constructor(port: number) {
    // As in Node's own agent for HTTPS, which the library uses by default.
    super({ keepAlive: true, scheduling: 'lifo', timeout: 5_000 });
    this.defaultPort = port;
  }

  addRequest(request: ClientRequest, options: object): void {
    const mark = /#(\d+)/.exec(request.path);
    if (mark?.[1] !== undefined) {
      request.path = request.path.replace(mark[0], '');
      request.setHeader(MARK_HEADER, mark[1]);
    }
    addRequest.call(this, request, options);
  }
}
