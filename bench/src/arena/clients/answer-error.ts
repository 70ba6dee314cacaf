/** A response other than 2xx, from a client that returns such responses instead of throwing. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status: number;

  constructor(status: number) {
    super(`Answered with status ${status}`);
    this.status = status;
  }
}
