import { Agent, type ClientRequest } from 'node:http';
import type { Agent as HTTPSAgent } from 'node:https';
import { MARK_HEADER } from './client.js';

/** How `http.request` hands a request to its agent; not in the types, though agents everywhere override it. */
const addRequest = Reflect.get(Agent.prototype, 'addRequest') as (
  this: Agent,
  request: ClientRequest,
  options: object,
) => void;

/** An agent for `https.request` that speaks plain HTTP, and makes of a path's `#12` the header of the mark 12. */
export class ErisAgent extends Agent {
  /** What `https.request` asks its agent for. */
  readonly protocol = 'https:';
  readonly defaultPort: number;
  /** Set by Node; missing from the types. */
  declare readonly options: HTTPSAgent['options'];

  constructor(port: number) {
    // As Node's own agent for HTTPS, which the library uses unless given another.
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
