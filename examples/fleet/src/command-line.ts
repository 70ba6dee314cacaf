import { parseArgs } from 'node:util';

/** The options of the example. */
export interface Command {
  readonly isJSON: boolean;
  /** The runs that take place. */
  readonly isShared: boolean;
  readonly isAlone: boolean;
  /** The number of seconds for which the channels are kept full. */
  readonly seconds: number;
  /** A Redis to use instead of starting one. */
  readonly redis: string | undefined;
}

const LONGEST = 600;

export const USAGE = `Options:
  --redis URL    use this Redis, redis:// or rediss:// (default: starts a server on a free port)
  --shared       only the run whose processes share their limits
  --alone        only the run whose processes know nothing of each other
  --seconds n    seconds for which the channels are kept full, 1 to ${LONGEST} (default: 10)
  --json         one line for programs`;

/** @throws Error whose one sentence says what is wrong; it shows no password. */
export function readCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      redis: { type: 'string' },
      shared: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
    },
  });
  const seconds = Number(values.seconds);
  if (!(Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST)) {
    throw new Error(`--seconds takes a whole number from 1 to ${LONGEST}, not ${values.seconds}.`);
  }
  if (values.redis !== undefined && !isRedisURL(values.redis)) {
    throw new Error('--redis takes a redis:// or rediss:// URL.');
  }
  const isBoth = values.shared === values.alone;
  return {
    isJSON: values.json,
    isShared: isBoth || values.shared,
    isAlone: isBoth || values.alone,
    seconds,
    redis: values.redis,
  };
}

function isRedisURL(url: string): boolean {
  return /^rediss?:\/\/./.test(url) && URL.canParse(url);
}
