const sink: { last: unknown } = { last: undefined };

/** Takes a result, so that the compiler cannot drop the code that made it. */
export function keep(value: unknown): void {
  sink.last = value;
}
