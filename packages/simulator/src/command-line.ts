import { parseArgs } from 'node:util';

export const USAGE = `Usage: sluice-simulator [options]

A mock Discord REST API that limits requests like the real one.

  --port <port>         TCP port; 0 takes a free one (default 0)
  --host <address>      address to listen on (default 127.0.0.1)
  --rtt <ms>            mean round trip (default 0)
  --jitter <ms>         spread of the delay of each direction (default 0)
  --seed <number>       seed of the random delays and faults (default 1)
  --global-limit <n>    requests per second and authentication, or "none" (default 50)
  --routes <file>       JSON file with a list of route rules that replaces the built-in rules,
                        or with an object of all limits and faults
  --help                print this text
  --version             print the version
`;

/** A command line with an unknown flag or a missing value. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The request that a command line makes. */
export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'serve';
      /** The given options, unchecked: `parseSimulatorOptions` refuses a text that is not a number. */
      readonly options: Readonly<Record<string, unknown>>;
      readonly routesFile: string | undefined;
    };

/**
 * Reads a command line.
 *
 * @param args - the arguments after the program's name
 * @throws UsageError on unknown flags and missing values
 */
export function parseCommandLine(args: readonly string[]): Command {
  const flags = parseFlags(args);
  if (flags.help === true) return { kind: 'help' };
  if (flags.version === true) return { kind: 'version' };
  const given = {
    port: numberIn(flags.port),
    host: flags.host,
    rtt: numberIn(flags.rtt),
    jitter: numberIn(flags.jitter),
    seed: numberIn(flags.seed),
    globalLimit: flags['global-limit'] === 'none' ? null : numberIn(flags['global-limit']),
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { kind: 'serve', options, routesFile: flags.routes };
}

function parseFlags(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: text,
        host: text,
        rtt: text,
        jitter: text,
        seed: text,
        'global-limit': text,
        routes: text,
        help: flag,
        version: flag,
      },
    }).values;
  } catch (error) {
    // Node's advice on quoting follows the first sentence.
    const [sentence = ''] = (error as Error).message.split(/\.\s/);
    throw new UsageError(sentence.replace(/\.$/, ''), { cause: error });
  }
}

function numberIn(text: string | undefined): number | string | undefined {
  return text === undefined || text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
