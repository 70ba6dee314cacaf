import type { IncomingMessage } from 'node:http';

/** The largest body that is accepted, in bytes: more than any upload Discord takes from a bot's tests. */
export const LARGEST_BODY = 32 * 1024 * 1024;

/** `aborted`: the client went away before the body was complete. */
export type BodyOutcome = 'complete' | 'too-large' | 'aborted';

/** Reads a body to its end, of whatever kind, and forgets it: no limit depends on it. */
export function drainBody(request: IncomingMessage): Promise<BodyOutcome> {
  return new Promise((resolve) => {
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      // The rest is still read, else the client might never look at its answer.
      if (size > LARGEST_BODY) resolve('too-large');
    });
    request.on('end', () => resolve('complete'));
    request.on('error', () => resolve('aborted'));
    request.on('close', () => resolve('aborted'));
  });
}
