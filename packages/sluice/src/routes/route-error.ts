/** Thrown when a route, a path or a path parameter is invalid. The message never contains the value of a parameter. */
export class RouteError extends Error {
  override readonly name = 'RouteError';

  /**
   * The route, such as `POST /channels/{channel}/messages`; `undefined` when the error occurred before there was one.
   */
  readonly route: string | undefined;
  /** Name of the invalid parameter; `undefined` when the error is not about a parameter. */
  readonly parameter: string | undefined;

  constructor(message: string, details: { readonly route?: string; readonly parameter?: string } = {}) {
    super(details.route === undefined ? message : `${details.route}: ${message}`);
    this.route = details.route;
    this.parameter = details.parameter;
  }
}
