/** A configuration with an invalid value. */
export class SimulatorConfigError extends Error {
  override readonly name = 'SimulatorConfigError';
  /** The path of the invalid value, such as `routes[3].limit`. */
  readonly field: string;

  constructor(field: string, problem: string) {
    super(`${field} ${problem}`);
    this.field = field;
  }
}

/** The simulator could not listen on its host and port. */
export class SimulatorListenError extends Error {
  override readonly name = 'SimulatorListenError';
  /** The system's code, such as `EADDRINUSE`. */
  readonly code: string;

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? 'unknown';
    const reason = code === 'EADDRINUSE' ? 'the port is in use' : cause.message;
    super(`Cannot listen on ${host}, port ${port}: ${reason}`, { cause });
    this.code = code;
  }
}
