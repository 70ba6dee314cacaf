/** An answer that is no success, from a client that hands answers out as they are. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(status: number) {
    super(`Answered with status ${status}`);
    this.status = status;
  }
}
