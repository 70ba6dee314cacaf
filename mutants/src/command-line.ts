import { parseArgs } from 'node:util';

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Which mutants are chosen, and what is done with them. */
export interface Command {
  readonly kind: 'help' | 'list' | 'try';
  readonly seed: number;
  /** How many of each folder; `Infinity` for all. */
  readonly sample: number;
  /** Ends of the names of folders and files, and ids; all where there is none. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly ids: readonly string[];
  readonly histories: number;
  readonly isOwnOnly: boolean;
  readonly isJSON: boolean;
}

const DEFAULTS = { seed: 1, sample: 3, histories: 100 };

export const USAGE = `Usage: npm run mutants -- [options]

Puts small errors into the sources, one at a time and in a copy of the workspace, and tells which of them no test notices.

  --seed <n>       which sample (default ${DEFAULTS.seed})
  --sample <n>     how many of each folder, or "all" (default ${DEFAULTS.sample})
  --folder <name>  only folders whose path ends so; may be given several times
  --file <name>    only files whose path ends so; may be given several times
  --id <id>        only this one; may be given several times
  --histories <n>  how many histories each property plays (default ${DEFAULTS.histories})
  --own            only tests of the same package, not of those that use it
  --list           only list the mutants
  --json           print one JSON document
  --help           print this text
`;

const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;

/** @throws UsageError on unknown options, and on numbers that are none. */
export function parseCommandLine(args: readonly string[]): Command {
  const values = parse(args);
  const { folder: folders = [], file: files = [], id: ids = [], own = false, json = false } = values;
  return {
    kind: values.help ? 'help' : values.list ? 'list' : 'try',
    seed: numberIn('--seed', values.seed, DEFAULTS.seed),
    sample: values.sample === 'all' ? Number.POSITIVE_INFINITY : numberIn('--sample', values.sample, DEFAULTS.sample),
    folders,
    files,
    ids,
    histories: numberIn('--histories', values.histories, DEFAULTS.histories),
    isOwnOnly: own,
    isJSON: json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: flag,
        list: flag,
        json: flag,
        own: flag,
        seed: text,
        sample: text,
        histories: text,
        folder: texts,
        file: texts,
        id: texts,
      },
    }).values;
  } catch (error) {
    // Node's advice on how to quote follows the first sentence.
    const [sentence = ''] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`, { cause: error });
  }
}

function numberIn(option: string, value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw new UsageError(`${option} takes a whole number, not "${value}".`);
}
