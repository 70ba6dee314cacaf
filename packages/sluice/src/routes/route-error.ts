/** Thrown when a route, a path or a path parameter cannot be used. The message never holds a parameter's value. */
export class RouteError extends Error {
  override readonly name = 'RouteError';

  /** The route, as `POST /channels/{channel}/messages`; `undefined` when there is none yet. */
  readonly route: string | undefined;
  /** Name of the parameter at fault, if one is. */
  readonly parameter: string | undefined;

  constructor(message: string, details: { readonly route?: string; readonly parameter?: string } = {}) {
    super(details.route === undefined ? message : `${details.route}: ${message}`);
    this.route = details.route;
    this.parameter = details.parameter;
  }
}
