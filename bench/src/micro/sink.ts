const sink: { last: unknown } = { last: undefined };

/** Takes a result, so that the compiler cannot leave out what it came from. */
export function keep(value: unknown): void {
  sink.last = value;
}
