import { parseArgs } from 'node:util';

/** An invalid command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command that a command line gives. */
export type Command =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'measure';
      /** Names of groups. */
      readonly groups: readonly string[];
      readonly isJSON: boolean;
      readonly isSmoke: boolean;
      /** The number of fresh processes in which each case is measured. */
      readonly repeat: number;
    };

const DEFAULT_REPEAT = 3;

/** The usage text, given the names of all groups. */
export function usage(names: readonly string[]): string {
  return `Usage: npm run bench -- [groups] [options]

Measures the cost of Sluice, beside other limiters. Groups (default all):
  ${names.join(' ')}

  --json         print one JSON document
  --repeat <n>   measure each case in this number of fresh processes (default ${DEFAULT_REPEAT})
  --smoke        only check that everything runs, with tiny sizes; the numbers mean nothing
  --help         print this text
`;
}

/**
 * Reads a command line.
 *
 * @param args The arguments after the program's name.
 * @param names The names of all groups.
 * @throws UsageError on unknown flags and groups, and on an invalid count.
 */
export function parseCommandLine(args: readonly string[], names: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`There is no group "${unknown}"; the groups are ${names.join(', ')}.`);
  const groups = positionals.length === 0 ? names : names.filter((name) => positionals.includes(name));
  const { json: isJSON = false, smoke: isSmoke = false } = values;
  const repeat = repeatIn(values.repeat);
  return { kind: 'measure', groups, isJSON, isSmoke, repeat: isSmoke ? 1 : repeat };
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: flag, json: flag, smoke: flag, repeat: { type: 'string' } },
    });
  } catch (error) {
    // Node's advice on quoting follows the first sentence.
    const [sentence = ''] = (error as Error).message.split(/\.\s/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`, { cause: error });
  }
}

function repeatIn(text: string | undefined): number {
  if (text === undefined) return DEFAULT_REPEAT;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UsageError(`--repeat takes a whole number from 1 to 9999, not "${text}".`);
}
