import { parseArgs } from 'node:util';

/** What the example is asked to do. */
export interface Command {
  readonly isJSON: boolean;
  /** Which of the two runs take place. */
  readonly isShared: boolean;
  readonly isAlone: boolean;
  /** For how many seconds the channels are kept full. */
  readonly seconds: number;
  /** A Redis to use in place of one of its own. */
  readonly redis: string | undefined;
}

const LONGEST = 600;

export const USAGE = `Options:
  --redis URL    use this Redis, redis:// or rediss:// (default: one of its own, on a free port)
  --shared       only the run whose processes share their limits
  --alone        only the run whose processes know nothing of each other
  --seconds n    for how long the channels are kept full, 1 to ${LONGEST} (default: 10)
  --json         one line for programs`;

/** @throws Error that says in a sentence what is wrong; it shows no password. */
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
